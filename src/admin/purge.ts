import type { PurgedEdge } from './edge-caches.ts'
import type { NginxCache, NginxPurged } from './nginx-cache.ts'
import type { PurgeTarget } from './purge-target.ts'

export interface PurgeOptions {
  /** Purges every edge process. Undefined: the target means nothing. @throws when one does not answer */
  purgeEdges(target: PurgeTarget): Promise<PurgedEdge | undefined>
  readonly nginx: NginxCache
}

/** How much a purge removed, by cache. */
export interface PurgeAnswer {
  readonly removed: {
    readonly locations: number
    readonly objects: number
    /** Files of nginx's cache. */
    readonly nginx: number
  }
  /** Why not everything could be removed. */
  readonly error?: string
}

/**
 * The edges first: nginx asks them again as soon as its own file is gone. Undefined: there is nothing
 * that the target could mean.
 */
export async function purge(
  target: PurgeTarget,
  { purgeEdges, nginx }: PurgeOptions,
): Promise<PurgeAnswer | undefined> {
  const edges = await purgeEdges(target)
  if (edges === undefined) return undefined
  const files = await nginx.purge(edges.nginx)
  const { locations, objects } = edges
  const error = describeFailure(files)
  return { removed: { locations, objects, nginx: files.removed }, ...(error && { error }) }
}

function describeFailure({ failed, reason }: NginxPurged): string | undefined {
  if (failed === 0) return undefined
  return `${failed} of nginx's files or folders cannot be read or removed: ${reason}`
}
