import { EdgeError } from '../errors.ts'
import { COMMAND, commandName } from '../wire/fastdfs/commands.ts'
import { encodeFrame } from '../wire/fastdfs/header.ts'
import { STATUS, statusError } from '../wire/fastdfs/status.ts'
import {
  decodeGroupStats,
  decodeServer,
  decodeServers,
  decodeStorageIdsPage,
  decodeStorageStats,
  decodeStoreTarget,
  encodeFileName,
  encodeGroupName,
  encodeStorageIdsRequest,
  type FileName,
  type GroupStat,
  type ServerList,
  type StorageStat,
  type StoreTarget,
} from '../wire/fastdfs/tracker-messages.ts'
import { type Address, formatAddress } from './address.ts'
import type { Observe } from './events.ts'
import { everyAnswer } from './every-answer.ts'
import type { FastdfsExchange } from './fastdfs-exchange.ts'
import { firstAnswer, type Outcome, PATIENT_HEDGES } from './first-answer.ts'
import type { HostHealth } from './host-health.ts'

export interface FastdfsTrackerOptions {
  readonly trackers: readonly Address[]
  readonly exchange: FastdfsExchange
  readonly health: HostHealth
  readonly hedgeMs: number
  readonly observe: Observe
}

interface Question<T> {
  readonly command: number
  readonly body?: Buffer
  decode(body: Buffer): T
}

/** FETCH_STORAGE_IDS comes in pages; a cluster has at most this many storages. */
const STORAGE_IDS_MAX = 100_000

/**
 * The trackers of a cluster as one. Every question goes to the tracker that failed least, then to
 * the others. Null is their word that a group, file or storage is unknown (status 2).
 */
export class FastdfsTracker {
  readonly #options: FastdfsTrackerOptions

  constructor(options: FastdfsTrackerOptions) {
    this.#options = options
  }

  /** The same of one tracker alone. */
  at(tracker: Address): FastdfsTracker {
    return new FastdfsTracker({ ...this.#options, trackers: [tracker] })
  }

  get count(): number {
    return this.#options.trackers.length
  }

  /** The storages that should have a file. A tracker knows groups and times, not files. */
  queryFetchAll(file: FileName, signal: AbortSignal): Promise<ServerList | null> {
    return this.#askAboutFile(COMMAND.QUERY_FETCH_ALL, file, signal)
  }

  /**
   * The same by every tracker, for where those that one of them named do not have the file. Whoever is
   * silent for several times `hedge_ms` after the first answer is left out.
   */
  async queryFetchAllOfEach(
    file: FileName,
    signal: AbortSignal,
  ): Promise<readonly (ServerList | null)[]> {
    const { trackers, hedgeMs } = this.#options
    const enough = new AbortController()
    const each = AbortSignal.any([signal, enough.signal])
    const asked = trackers.map((tracker) => this.at(tracker).queryFetchAll(file, each))
    try {
      return await everyAnswer(asked, PATIENT_HEDGES * hedgeMs)
    } finally {
      enough.abort()
    }
  }

  /** One storage to read a file from. */
  queryFetchOne(file: FileName, signal: AbortSignal): Promise<ServerList | null> {
    return this.#askAboutFile(COMMAND.QUERY_FETCH_ONE, file, signal)
  }

  /** The storage to change or delete a file on: its source. */
  queryUpdate(file: FileName, signal: AbortSignal): Promise<ServerList | null> {
    return this.#askAboutFile(COMMAND.QUERY_UPDATE, file, signal)
  }

  /** The storage to upload a new file to. */
  queryStore(groupName: string | undefined, signal: AbortSignal): Promise<StoreTarget | null> {
    if (groupName === undefined) {
      const command = COMMAND.QUERY_STORE_WITHOUT_GROUP_ONE
      return this.#ask({ command, decode: decodeStoreTarget }, signal)
    }
    const command = COMMAND.QUERY_STORE_WITH_GROUP_ONE
    return this.#ask(
      { command, body: encodeGroupName(groupName), decode: decodeStoreTarget },
      signal,
    )
  }

  async listGroups(signal: AbortSignal): Promise<readonly GroupStat[]> {
    const command = COMMAND.SERVER_LIST_ALL_GROUPS
    return (await this.#ask({ command, decode: decodeGroupStats }, signal)) ?? []
  }

  listGroup(groupName: string, signal: AbortSignal): Promise<GroupStat | null> {
    const decode = (body: Buffer): GroupStat => {
      const [group] = decodeGroupStats(body)
      if (group === undefined) throw new EdgeError('protocol_error', 'no group in the answer')
      return group
    }
    const body = encodeGroupName(groupName)
    return this.#ask({ command: COMMAND.SERVER_LIST_ONE_GROUP, body, decode }, signal)
  }

  /** `storageCount` (of `listGroups`) tells which form of record the answer has. */
  listStorages(
    groupName: string,
    signal: AbortSignal,
    storageCount?: number,
  ): Promise<readonly StorageStat[] | null> {
    const decode = (body: Buffer): StorageStat[] => decodeStorageStats(body, storageCount)
    const body = encodeGroupName(groupName)
    return this.#ask({ command: COMMAND.SERVER_LIST_STORAGE, body, decode }, signal)
  }

  /** Lines as in storage_ids.conf; empty where the cluster does not use storage ids. */
  async fetchStorageIds(signal: AbortSignal): Promise<string> {
    let lines = ''
    for (let startIndex = 0; startIndex < STORAGE_IDS_MAX; ) {
      const body = encodeStorageIdsRequest(startIndex)
      const command = COMMAND.FETCH_STORAGE_IDS
      const page = await this.#ask({ command, body, decode: decodeStorageIdsPage }, signal)
      if (page === null || page.currentCount <= 0) return lines
      lines += page.text
      startIndex += page.currentCount
      if (startIndex >= page.totalCount) return lines
    }
    return lines
  }

  async #askAboutFile(
    command: number,
    file: FileName,
    signal: AbortSignal,
  ): Promise<ServerList | null> {
    const decodeList = command === COMMAND.QUERY_FETCH_ALL ? decodeServers : decodeServer
    const decode = (body: Buffer): ServerList => {
      const list = decodeList(body)
      if (list.groupName === file.groupName) return list
      const message = `a tracker answered for group "${list.groupName}", not "${file.groupName}"`
      throw new EdgeError('protocol_error', message)
    }
    return this.#ask({ command, body: encodeFileName(file), decode }, signal)
  }

  async #ask<T>(question: Question<T>, signal: AbortSignal): Promise<T | null> {
    const { trackers, health, hedgeMs, observe } = this.#options
    const candidates = health.order(trackers, formatAddress).map((tracker) => ({
      host: formatAddress(tracker),
      ask: (attempt: AbortSignal) => this.#askOne(tracker, question, attempt),
    }))
    const options = { signal, hedgeMs, health, observe, isOneAbsentEnough: true }
    const outcome = await firstAnswer(candidates, options)
    return settle(outcome, commandName(question.command))
  }

  async #askOne<T>(
    tracker: Address,
    { command, body = Buffer.alloc(0), decode }: Question<T>,
    signal: AbortSignal,
  ): Promise<T | null> {
    const frame = encodeFrame(command, body)
    const answer = await this.#options.exchange.ask(tracker, frame, { signal })
    if (answer.status === STATUS.OK) return decode(answer.body)
    if (answer.status === STATUS.ENOENT) return null
    throw statusError(answer.status, commandName(command), formatAddress(tracker))
  }
}

function settle<T>({ answer, absent, failures }: Outcome<T>, what: string): T | null {
  if (answer !== undefined) return answer.value
  if (absent.length > 0) return null
  const [first] = failures
  const refused = failures.find(({ code }) => code === 'refused_by_server')
  if (refused !== undefined) throw refused
  const message = first === undefined ? 'no tracker is configured' : `no tracker answered ${what}`
  throw new EdgeError('no_tracker', message, { cause: first })
}
