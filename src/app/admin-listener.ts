import { once } from 'node:events'
import { createAdaptorServer } from '@hono/node-server'
import { createAdminApp } from '../admin/admin-app.ts'
import type { PurgedEdge } from '../admin/edge-caches.ts'
import { NginxCache } from '../admin/nginx-cache.ts'
import { purge } from '../admin/purge.ts'
import type { PurgeTarget } from '../admin/purge-target.ts'
import { formatAddress } from '../client/address.ts'
import type { EdgeConf } from '../config/index.ts'
import { cannotListen } from '../http/listen-fault.ts'
import type { Logger } from './logger.ts'

/** The listener for operators. */
export interface AdminListener {
  /** `http://host:port` */
  readonly url: string
  close(): Promise<void>
}

export interface AdminParts {
  readonly logger: Logger
  /** In every edge process. Undefined: the target means nothing. */
  purgeEdges(target: PurgeTarget): Promise<PurgedEdge | undefined>
}

/** Listens for operators. @throws EdgeError invalid_config: the address cannot be listened on */
export async function startAdmin(
  { admin, nginx }: Pick<EdgeConf, 'admin' | 'nginx'>,
  { logger, purgeEdges }: AdminParts,
): Promise<AdminListener> {
  const cache = new NginxCache({ path: nginx.cachePath, sliceBytes: nginx.sliceBytes })
  const app = createAdminApp({
    token: admin.token,
    host: admin.listen.host,
    purge: (target) => purge(target, { purgeEdges, nginx: cache }),
    warnings: async () => [(await cache.whyUnusable()) ?? []].flat(),
    log: logger,
  })
  const server = createAdaptorServer({ fetch: app.fetch })
  const listening = once(server, 'listening')
  server.listen(admin.listen)
  await listening.catch((cause) => {
    throw cannotListen(admin.listen, cause)
  })
  server.on('error', (err) => logger.error({ err }, 'the admin listener failed'))
  const warning = await cache.whyUnusable()
  if (warning !== undefined) logger.warn(warning)
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : admin.listen.port
  return {
    url: `http://${formatAddress({ host: admin.listen.host, port })}`,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      if ('closeAllConnections' in server) server.closeAllConnections()
      await closed
    },
  }
}
