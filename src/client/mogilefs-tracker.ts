import type { ArgumentsToSend } from '../wire/mogilefs/arguments.ts'
import {
  type Device,
  type Domain,
  decodeDevices,
  decodeDomains,
  decodeHosts,
  type Host,
} from '../wire/mogilefs/cluster-messages.ts'
import {
  decodeFids,
  decodeFileDebug,
  decodeFileInfo,
  decodeKeyPage,
  decodeOpenedFile,
  decodePaths,
  type FileDebug,
  type FileInfo,
  type KeyPage,
  type ListedFid,
  type OpenedFile,
} from '../wire/mogilefs/file-messages.ts'
import type { Address } from './address.ts'
import type { Observe } from './events.ts'
import type { HostHealth } from './host-health.ts'
import { MogilefsAdmin } from './mogilefs-admin.ts'
import { MogilefsExchange } from './mogilefs-exchange.ts'
import type { MogilefsKey, MogilefsLookup } from './mogilefs-file.ts'
import { MogilefsLocator, pathsArguments, type Vet } from './mogilefs-locator.ts'
import { MogilefsTrackers } from './mogilefs-trackers.ts'
import type { Pools } from './pool.ts'

export interface MogilefsTrackerOptions {
  readonly trackers: readonly Address[]
  readonly pools: Pools
  readonly health: HostHealth
  readonly hedgeMs: number
  readonly firstAnswerMs: number
  readonly networkTimeoutMs: number
  /** `alt`: hosts by their second address. */
  readonly zone?: 'alt' | undefined
  readonly observe: Observe
}

/** Why there is nothing to tell of a key. */
export type Missing = Extract<MogilefsLookup, string>

export interface KeyRange {
  readonly domain: string
  readonly prefix?: string | undefined
  /** The last key of the page before. */
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

/** A file that was put where CREATE_OPEN said. */
export interface UploadedFile extends MogilefsKey {
  readonly fid: number
  readonly devid: number
  readonly path: string
  /** Bytes. */
  readonly size: number
}

/**
 * The trackers of a cluster as one. Questions go to the tracker that failed least, then to the
 * others; what changes something goes to one, and to the next only if it was not carried out.
 * Everything throws EdgeError no_tracker where none answers (a `failure` is no answer) and
 * refused_by_server where no other tracker would do it either.
 */
export class MogilefsTracker {
  readonly admin: MogilefsAdmin
  readonly #options: MogilefsTrackerOptions
  readonly #exchange: MogilefsExchange
  readonly #trackers: MogilefsTrackers
  readonly #locator: MogilefsLocator

  constructor(
    options: MogilefsTrackerOptions,
    exchange = new MogilefsExchange(options.pools, options),
  ) {
    const { observe, zone } = options
    this.#options = options
    this.#exchange = exchange
    this.#trackers = new MogilefsTrackers({ ...options, exchange })
    this.#locator = new MogilefsLocator(this.#trackers, { observe, zone })
    this.admin = new MogilefsAdmin(this.#trackers)
  }

  /** The same of one tracker alone. */
  at(tracker: Address): MogilefsTracker {
    return new MogilefsTracker({ ...this.#options, trackers: [tracker] }, this.#exchange)
  }

  /**
   * A file and its copies: GET_PATHS and FILE_INFO in one round trip. The database that a tracker
   * reads may lag behind: 'no_key' is its word, not the last one. A tracker of whose copies `vet`
   * leaves none is passed by.
   */
  locate(key: MogilefsKey, signal: AbortSignal, vet?: Vet): Promise<MogilefsLookup> {
    return this.#locator.locate(key, signal, vet)
  }

  /**
   * The same by FILE_DEBUG, out of the primary database, with all copies, readable or not. Undefined
   * where the tracker is too old to tell.
   */
  locateOnPrimary(
    key: MogilefsKey,
    signal: AbortSignal,
    vet?: Vet,
  ): Promise<MogilefsLookup | undefined> {
    return this.#locator.locateOnPrimary(key, signal, vet)
  }

  getPaths(key: MogilefsKey, signal: AbortSignal): Promise<readonly string[] | Missing> {
    const args = this.#zoned(pathsArguments(key))
    return this.#trackers.read({ name: 'get_paths', args }, decodePaths, signal)
  }

  fileInfo({ domain, key }: MogilefsKey, signal: AbortSignal): Promise<FileInfo | Missing> {
    return this.#trackers.read({ name: 'file_info', args: { domain, key } }, decodeFileInfo, signal)
  }

  fileDebug(
    file: MogilefsKey | { fid: number },
    signal: AbortSignal,
  ): Promise<FileDebug | Missing> {
    const args = this.#zoned({ ...file })
    return this.#trackers.read({ name: 'file_debug', args }, decodeFileDebug, signal)
  }

  /** Keys in their order; none where none matches. */
  async listKeys(
    { domain, prefix, after = '', limit }: KeyRange,
    signal: AbortSignal,
  ): Promise<KeyPage | 'no_domain'> {
    const args = { domain, prefix, after, limit }
    const page = await this.#trackers.read({ name: 'list_keys', args }, decodeKeyPage, signal)
    return page === 'no_key' ? { keys: [], nextAfter: null } : page
  }

  /** At most `count` files, from a fid on. */
  listFids(
    { from, count }: { from: number; count: number },
    signal: AbortSignal,
  ): Promise<readonly ListedFid[]> {
    return this.#trackers.readList(
      { name: 'list_fids', args: { from, to: count } },
      decodeFids,
      signal,
    )
  }

  getHosts(signal: AbortSignal): Promise<readonly Host[]> {
    return this.#trackers.readList({ name: 'get_hosts' }, decodeHosts, signal)
  }

  getDevices(signal: AbortSignal): Promise<readonly Device[]> {
    return this.#trackers.readList({ name: 'get_devices' }, decodeDevices, signal)
  }

  getDomains(signal: AbortSignal): Promise<readonly Domain[]> {
    return this.#trackers.readList({ name: 'get_domains' }, decodeDomains, signal)
  }

  /** A tracker answers this while its database is down: it says nothing of health. */
  async noop(signal: AbortSignal): Promise<void> {
    await this.#trackers.read({ name: 'noop' }, () => undefined, signal)
  }

  /** Where to put a new file, before `createClose`. Without a class it gets the domain's default. */
  async createOpen(
    { domain, key, className }: MogilefsKey & { className?: string | undefined },
    signal: AbortSignal,
  ): Promise<OpenedFile> {
    const args = this.#zoned({ domain, key, class: className, fid: 0, multi_dest: 1 })
    return decodeOpenedFile(await this.#trackers.change({ name: 'create_open', args }, signal))
  }

  /** Makes an uploaded file what its key names. */
  async createClose(file: UploadedFile, signal: AbortSignal): Promise<void> {
    const { domain, key, fid, devid, path, size } = file
    const args = this.#zoned({ domain, key, fid, devid, path, size })
    await this.#trackers.change({ name: 'create_close', args }, signal)
  }

  /** False where there is no such key. */
  delete({ domain, key }: MogilefsKey, signal: AbortSignal): Promise<boolean> {
    return this.#trackers.changeKey({ name: 'delete', args: { domain, key } }, signal)
  }

  /** False where there is no such key. */
  rename(
    { domain, key, newKey }: MogilefsKey & { newKey: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const args = { domain, from_key: key, to_key: newKey }
    return this.#trackers.changeKey({ name: 'rename', args }, signal)
  }

  /** Puts a file into another class. False where there is no such key. */
  updateClass(
    { domain, key, className }: MogilefsKey & { className: string },
    signal: AbortSignal,
  ): Promise<boolean> {
    const args = { domain, key, class: className }
    return this.#trackers.changeKey({ name: 'updateclass', args }, signal)
  }

  /** Of commands that name or are answered by URLs. */
  #zoned(args: ArgumentsToSend): ArgumentsToSend {
    return { ...args, zone: this.#options.zone }
  }
}
