import { EdgeError } from '../../errors.ts'
import type { NewFilename } from '../../wire/fastdfs/file-id.ts'
import type { AddressWidth } from '../../wire/fastdfs/tracker-messages.ts'
import type { Reply, Request } from './request.ts'
import type { StorageFaults } from './storage-faults.ts'
import type { StorageStats } from './storage-stats.ts'
import type { StoreDir } from './store-dir.ts'

/** What the commands of a storage work with. */
export interface StorageContext {
  readonly groupName: string
  readonly store: StoreDir
  readonly addressWidth: AddressWidth
  /** What new names say of where they come from. */
  readonly source: NewFilename['source']
  readonly faults: StorageFaults
  readonly stats: StorageStats
  readonly nowSeconds: () => number
  /** The address of the storage with this id, as far as the cluster knows it. */
  readonly ipAddrOf: (storageId: number) => string | undefined
}

export type StorageCommand = (
  storage: StorageContext,
  request: Request,
) => Promise<Reply | undefined>

/** "The group is not mine" is EINVAL, unlike the tracker's "unknown group". */
export function requireGroup(storage: StorageContext, groupName: string): void {
  if (groupName === storage.groupName) return
  throw new EdgeError('invalid_ref', `"${groupName}" is not the group ${storage.groupName}`)
}
