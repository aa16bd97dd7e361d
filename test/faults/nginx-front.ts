import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultEdgeConf } from '../../src/config/index.ts'
import { freePort } from '../support/free-port.ts'
import { Nginx, writeIncludes } from '../support/nginx.ts'
import type { TestContext } from './stand.ts'

/** nginx with the includes of `dfs-edge nginx` in front of an edge. */
export interface NginxFront {
  /** Without a slash at its end. */
  readonly url: string
  readonly nginx: Nginx
  readonly cachePath: string
}

export interface NginxFrontOptions {
  readonly edgePort: number
  readonly cachePath?: string
}

export async function startNginx(
  t: TestContext,
  { edgePort, ...options }: NginxFrontOptions,
): Promise<NginxFront> {
  const folder = await mkdtemp('/tmp/dfs-edge-nginx-')
  t.after(() => rm(folder, { recursive: true, force: true }))
  const { cachePath = join(folder, 'cache') } = options
  const base = defaultEdgeConf()
  const listen = [{ host: '127.0.0.1', port: edgePort }]
  const conf = { ...base, listen, nginx: { ...base.nginx, cachePath } }
  const dir = await writeIncludes(conf, folder)
  const port = await freePort()
  const nginx = await Nginx.create({
    folder,
    http: `include ${dir}/http.conf;
server {
  listen 127.0.0.1:${port};
  # Where an edge process dies, nginx 1.22 takes the slice that was cut for done, and its client waits for so long.
  keepalive_timeout 5s;
  location /group1/ { include ${dir}/ngx_fastdfs_module.conf; }
}`,
  })
  t.after(() => nginx.stop())
  await nginx.start(port)
  return { url: `http://127.0.0.1:${port}`, nginx, cachePath }
}
