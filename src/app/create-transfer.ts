import type { Observe } from '../client/events.ts'
import type { EdgeConf } from '../config/index.ts'
import { ByteBudget } from '../transfer/byte-budget.ts'
import { FileTransfer } from '../transfer/file-transfer.ts'
import { ObjectCache } from '../transfer/object-cache.ts'
import type { Clusters } from './clusters.ts'

/** What gives the bytes of the clusters' files, with caches and bounds as configured. */
export function createTransfer(
  { memory, timeouts, nginx }: EdgeConf,
  { resolver, health }: Pick<Clusters, 'resolver' | 'health'>,
  observe: Observe,
): FileTransfer {
  return new FileTransfer({
    resolver,
    objectCache: new ObjectCache({
      maxBytes: memory.objectCacheBytes,
      maxObjectBytes: memory.objectMaxBytes,
      now: () => performance.now(),
    }),
    budget: new ByteBudget(memory.verifyPoolBytes),
    verifyMaxBytes: memory.verifyMaxBytes,
    verifyRangesMaxBytes: memory.verifyRangesMaxBytes,
    sharedRangeMaxBytes: nginx.sliceBytes,
    health,
    hedgeMs: timeouts.hedgeMs,
    minRate: timeouts.minRate,
    observe,
  })
}
