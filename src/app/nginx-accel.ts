import type { EdgeConf } from '../config/index.ts'
import { ACCEL_PREFIX } from '../http/handover.ts'
import { quoteNginx } from './nginx-values.ts'

const BEYOND = '/.dfs-beyond'

const HEADER = `# For a server block, with response_mode = accel in edge.conf: the store paths of this host, for nginx to
# send what the edge has found there. No client gets in here.

# nginx finds a range outside of the file when the edge's Cache-Control of the whole is already there.
location = ${BEYOND} {
    internal;
    add_header Cache-Control no-store always;
    return 416;
}
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
    # The edge has judged by it.
    if_modified_since off;
    error_page 416 ${BEYOND};
    add_header X-Content-Type-Options nosniff always;
}
`
}
