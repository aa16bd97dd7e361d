import type { FileLocks } from '../file-locks.ts'
import type { DeviceDirs } from './device-dirs.ts'
import type { ClassRow } from './domain-tables.ts'
import type { FileRow, TempfileRow } from './file-tables.ts'
import type { MetadataStore } from './metadata-store.ts'
import type { ObservedCluster } from './observed-cluster.ts'
import { QueueWorker } from './queue-worker.ts'
import { wantedCopies } from './wanted-copies.ts'

export interface BackgroundWorkOptions {
  readonly store: MetadataStore
  readonly cluster: ObservedCluster
  readonly dirs: DeviceDirs
  /** By fid: uploads, closes, copies and deletes of one fid wait for each other. */
  readonly locks: FileLocks
  readonly nowSeconds: () => number
  readonly onError: (error: unknown) => void
}

const SWEEP_MS = 60_000
/** An upload that was not closed by then never will be. */
const TEMPFILE_SECONDS = 3600
const TEMPFILES_PER_SWEEP = 1000

const HASH_ALGORITHMS: Readonly<Record<number, 'md5' | 'sha1'>> = { 1: 'md5', 2: 'sha1' }

/** What trackers do when nobody waits for it: copies, checksums, deletes. */
export class BackgroundWork {
  readonly #options: BackgroundWorkOptions
  readonly #replicator: QueueWorker
  readonly #deleter: QueueWorker
  #sweeper: NodeJS.Timeout | undefined

  constructor(options: BackgroundWorkOptions) {
    this.#options = options
    const { store, locks } = options
    const locked = (act: (fid: number) => Promise<boolean>) => (fid: number) =>
      locks.run(`${fid}`, () => act(fid))
    const replicate = locked((fid) => this.#replicate(fid))
    const deleteCopies = locked((fid) => this.#deleteCopies(fid))
    this.#replicator = new QueueWorker({ ...options, queue: store.toReplicate, act: replicate })
    this.#deleter = new QueueWorker({ ...options, queue: store.toDelete, act: deleteCopies })
  }

  open(): void {
    this.#sweeper = setInterval(() => this.sweep(), SWEEP_MS)
    this.#sweeper.unref()
    this.#replicator.open()
    this.#deleter.open()
    this.sweep()
  }

  /** Something was queued. */
  wake(): void {
    this.#replicator.wake()
    this.#deleter.wake()
  }

  /** A device or host has changed: what could not be done may be possible now. */
  retry(): void {
    this.#replicator.retry()
    this.#deleter.retry()
  }

  /** Settles when everything is done that can be done now. */
  async settled(): Promise<void> {
    await Promise.all([this.#replicator.settled(), this.#deleter.settled()])
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper)
    await Promise.all([this.#replicator.close(), this.#deleter.close()])
  }

  /** Removes uploads that were never closed. */
  sweep(): void {
    const { store, nowSeconds } = this.#options
    const limit = nowSeconds() - TEMPFILE_SECONDS
    const expired = store.files.tempfilesBefore(limit, TEMPFILES_PER_SWEEP)
    for (const tempfile of expired) this.abandon(tempfile)
  }

  /** Forgets an upload and deletes what has arrived of it. */
  abandon({ fid, devids }: TempfileRow): void {
    const { store, nowSeconds } = this.#options
    store.transaction(() => {
      store.files.deleteTempfile(fid)
      for (const devid of devids) store.files.addCopy(fid, devid)
      store.toDelete.add(fid, nowSeconds())
    })
    this.wake()
  }

  async #replicate(fid: number): Promise<boolean> {
    const { store } = this.#options
    const file = store.files.byFid(fid)
    if (file === undefined) return true
    const fileClass = store.domains.classOf(file.dmid, file.classid)
    if (fileClass === undefined) return false
    return (await this.#sum(file, fileClass)) && (await this.#copy(file, fileClass))
  }

  async #sum({ fid }: FileRow, { hashtype }: ClassRow): Promise<boolean> {
    const { store, dirs } = this.#options
    const algorithm = HASH_ALGORITHMS[hashtype ?? 0]
    if (algorithm === undefined || hashtype === null) return true
    if (store.files.checksum(fid) !== null) return true
    const source = await this.#source(fid)
    if (source === undefined) return false
    const digest = await dirs.digest({ fid, devid: source }, algorithm, () => this.#isWanted(fid))
    if (digest !== undefined && this.#isWanted(fid)) store.files.setChecksum(fid, hashtype, digest)
    return true
  }

  async #copy({ fid }: FileRow, fileClass: ClassRow): Promise<boolean> {
    const { store, cluster, dirs } = this.#options
    const wanted = wantedCopies(fileClass)
    for (;;) {
      const devids = store.files.devids(fid)
      if (devids.length >= wanted || !this.#isWanted(fid)) return true
      const [target] = cluster.destinations(1, devids)
      const source = await this.#source(fid)
      if (target === undefined || source === undefined) return false
      const { devid } = target.row
      await dirs.copy({ fid, devid: source }, { fid, devid }, () => this.#isWanted(fid))
      if (this.#isWanted(fid)) store.files.addCopy(fid, devid)
      else await dirs.remove({ fid, devid })
    }
  }

  /** A device that has the file and can be read. */
  async #source(fid: number): Promise<number | undefined> {
    const { store, cluster, dirs } = this.#options
    for (const devid of store.files.devids(fid)) {
      const isReadable = cluster.device(devid)?.isReadable === true
      if (isReadable && (await dirs.sizeOf({ fid, devid })) !== undefined) return devid
    }
    return undefined
  }

  #isWanted(fid: number): boolean {
    return !this.#replicator.isClosed && this.#options.store.files.byFid(fid) !== undefined
  }

  async #deleteCopies(fid: number): Promise<boolean> {
    const { store, cluster, dirs } = this.#options
    for (const devid of store.files.devids(fid)) {
      const device = cluster.device(devid)
      const isGone = device === undefined || device.row.status === 'dead'
      if (!isGone && !device.isWriteable) continue
      if (!isGone) await dirs.remove({ fid, devid })
      store.files.removeCopy(fid, devid)
    }
    return store.files.devids(fid).length === 0
  }
}
