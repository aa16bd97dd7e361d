import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Address } from '../client/address.ts'
import type { LocalGroup } from '../config/index.ts'
import { startEmbeddedFastdfs } from '../embedded/embedded-fastdfs.ts'
import { startEmbeddedMogilefs } from '../embedded/embedded-mogilefs.ts'
import { CommandError, describeError } from './exit-code.ts'
import { SAMPLE_DOMAINS } from './mogilefs-samples.ts'

/** Where the daemons of `dfs-edge up` listen. */
export interface StoreAddresses {
  readonly tracker: Address
  readonly storage: Address
  readonly mogileTracker: Address
  readonly mogstored: Address
}

export interface EmbeddedStores {
  /** Where the files of FastDFS lie, for an nginx on this host. */
  readonly localGroups: readonly LocalGroup[]
  close(): Promise<void>
}

const GROUP_NAME = 'group1'

/** A file of two copies is then still there when one device is marked down. */
const DEVIDS = [1, 2, 3]

/** Starts a FastDFS and a MogileFS store whose files lie below `data`. */
export async function startStores(
  data: string,
  addresses: StoreAddresses,
): Promise<EmbeddedStores> {
  const fastdfs = await startFastdfs(data, addresses)
  try {
    const mogilefs = await startMogilefs(data, addresses)
    const storePaths = fastdfs.storePaths(GROUP_NAME)
    return {
      localGroups: [
        { groupName: GROUP_NAME, storageServerPort: addresses.storage.port, storePaths },
      ],
      close: () => closeAll([mogilefs, fastdfs]),
    }
  } catch (error) {
    await fastdfs.close()
    throw error
  }
}

async function startFastdfs(data: string, { tracker, storage }: StoreAddresses) {
  const groups = [{ groupName: GROUP_NAME, storages: [storage] }]
  return startEmbeddedFastdfs({ dataDir: await folder(data, 'fastdfs'), tracker, groups })
}

async function startMogilefs(data: string, { mogileTracker, mogstored }: StoreAddresses) {
  return startEmbeddedMogilefs({
    dataDir: await folder(data, 'mogilefs'),
    trackers: [mogileTracker],
    storages: [{ ...mogstored, devids: DEVIDS }],
    domains: SAMPLE_DOMAINS,
  })
}

async function folder(data: string, name: string): Promise<string> {
  const path = resolve(data, name)
  await mkdir(path, { recursive: true }).catch((cause) => {
    throw new CommandError(`cannot keep files under ${data}: ${describeError(cause)}`)
  })
  return path
}

async function closeAll(stores: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const store of stores) await store.close()
}
