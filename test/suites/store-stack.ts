import assert from 'node:assert/strict'
import type { EdgeEvent } from '../../src/client/events.ts'
import type { EdgeConf } from '../../src/config/index.ts'
import type { FdfsStoraged } from '../../src/embedded/embedded-fastdfs.ts'
import type { Mogstored } from '../../src/embedded/embedded-mogilefs.ts'
import type { Ref } from '../../src/resolver/resolver.ts'
import type { FileTransfer } from '../../src/transfer/file-transfer.ts'
import type { Opened } from '../../src/transfer/transfer.ts'

/** A daemon that gives the bytes of files; its faults have the same names in both systems. */
export type ReplicaDaemon = FdfsStoraged | Mogstored

export interface StoreOptions {
  /** Each has every file. One unless said otherwise. */
  readonly replicas?: number
  /** Every request goes to tracker and replicas: no location and no content is remembered. */
  readonly isNothingKept?: boolean
  readonly conf?: (base: EdgeConf) => EdgeConf
}

/** An embedded store of either system, and everything of the edge below HTTP in front of it. */
export interface StoreStack {
  readonly conf: EdgeConf
  readonly transfer: FileTransfer
  readonly events: EdgeEvent[]
  readonly replicas: readonly ReplicaDaemon[]
  /** What a replica answers that is broken but polite. */
  readonly errorStatus: number
  /** On all replicas, with a checksum. */
  put(content: Buffer, extension?: string): Promise<Ref>
  /** Cuts the file short on every replica's disk. */
  cutOnDisk(ref: Ref, bytes: number): Promise<void>
  /** Downloads that a replica was asked for. */
  downloads(replica: ReplicaDaemon): number
  /** How often trackers were asked where a file is. */
  lookups(): number
}

export interface TestContext {
  after(fn: () => unknown): void
}

export type StartStore = (t: TestContext, options?: StoreOptions) => Promise<StoreStack>

/** What `isNothingKept` means. */
export function keepNothing(conf: EdgeConf): EdgeConf {
  return {
    ...conf,
    memory: { ...conf.memory, objectCacheBytes: 0 },
    locations: { ...conf.locations, foundMs: 0 },
    mogilefs: conf.mogilefs && { ...conf.mogilefs, locationMs: 0 },
  }
}

/** All bytes of an opened file. */
export async function readAll(opened: Opened | null): Promise<Buffer> {
  if (opened === null) throw new Error('there is no such file')
  if (Buffer.isBuffer(opened.body)) return opened.body
  // A chunk is valid until the next one is asked for.
  return Buffer.concat(await Array.fromAsync(opened.body, (chunk) => Buffer.from(chunk)))
}

/** Until it has happened: which replica is asked first is for the store to say. */
export async function untilEvent(
  { events }: StoreStack,
  type: EdgeEvent['type'],
  act: () => Promise<unknown>,
): Promise<void> {
  const hasHappened = (): boolean => events.some((event) => event.type === type)
  for (let i = 0; i < 50 && !hasHappened(); i += 1) await act()
  assert.ok(hasHappened(), `${type} never happened`)
}

export function allDownloads({ replicas, downloads }: StoreStack): number {
  return replicas.reduce((sum, replica) => sum + downloads(replica), 0)
}

export function countEvents({ events }: StoreStack, type: EdgeEvent['type']): number {
  return events.filter((event) => event.type === type).length
}
