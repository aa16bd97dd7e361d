import type { EdgeConf } from '../config/index.ts'
import { ACCEL_PREFIX } from '../http/handover.ts'
import { quoteNginx } from './nginx-values.ts'

const HEADER = `# For a server block, with response_mode = accel in edge.conf: the store paths of this host, for nginx to
# send what the edge has found there. No client gets in here.
`

/** accel.conf: an internal location for each store path. */
export function formatAccel({ localGroups }: EdgeConf): string {
  const locations = localGroups.flatMap(({ groupName, storePaths }) =>
    storePaths.map((storePath, index) => {
      const number = index.toString(16).toUpperCase().padStart(2, '0')
      const data = quoteNginx(`${storePath}/data/`, 'store path')
      return formatLocation(`${ACCEL_PREFIX}/${groupName}/M${number}/`, data)
    }),
  )
  return [HEADER, ...locations].join('\n')
}

function formatLocation(path: string, data: string): string {
  return `location ^~ ${path} {
    internal;
    alias ${data};
    sendfile on;
    tcp_nopush on;
    gzip off;
    if_modified_since before;
    add_header X-Content-Type-Options nosniff always;
}
`
}
