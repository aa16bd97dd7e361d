import { LRUCache } from 'lru-cache'
import { formatAddress } from '../client/address.ts'
import type { Observe } from '../client/events.ts'
import type { FastdfsStorage } from '../client/fastdfs-storage.ts'
import type { FastdfsTracker } from '../client/fastdfs-tracker.ts'
import { firstAnswer } from '../client/first-answer.ts'
import type { HostHealth } from '../client/host-health.ts'
import { EdgeError } from '../errors.ts'
import { type FileId, formatFileId, isMetadataName, parseFileId } from '../wire/fastdfs/file-id.ts'
import type { FileInfo } from '../wire/fastdfs/storage-messages.ts'
import type { ServerAddress, StorageStat } from '../wire/fastdfs/tracker-messages.ts'
import type { AddressMap } from './address-map.ts'
import { factsOfId, factsOfInfo } from './fastdfs-facts.ts'
import { Flights } from './flights.ts'
import { denials, GroupStorages, nameOf } from './group-storages.ts'
import type { LocalFile, LocalStorePaths } from './local-store-path.ts'
import { LocationCache, type LocationCacheState } from './location-cache.ts'
import type { ResolveOptions, Resolver } from './resolver.ts'
import {
  type ByteRange,
  type Facts,
  type FastdfsRef,
  type Forgotten,
  type Found,
  formatRef,
  type RefPrefix,
  type Replica,
  type ReplicaBody,
} from './resolver.ts'
import type { StorageIdTable } from './storage-ids.ts'
import { requireNotFound } from './verdict.ts'

export interface FastdfsResolverOptions {
  readonly tracker: Pick<
    FastdfsTracker,
    'count' | 'queryFetchAll' | 'queryFetchAllOfEach' | 'listGroup' | 'listStorages'
  >
  readonly storage: Pick<FastdfsStorage, 'activeTest' | 'download' | 'queryFileInfo'>
  readonly localStorePaths: LocalStorePaths
  readonly addressMap: AddressMap
  readonly storageIds: StorageIdTable
  readonly health: HostHealth
  readonly hedgeMs: number
  /** How long locations, and facts of what never changes, are remembered. */
  readonly foundMs: number
  readonly notFoundMs: number
  /** How long the facts of a slave are remembered. An appender's are asked for every time. */
  readonly slaveMs: number
  readonly maxEntries: number
  /** Silence of all trackers after which an old location is used. */
  readonly staleAfterMs: number
  readonly now: () => number
  readonly observe: Observe
}

/** Storages of a file as registered, and whether a tracker was asked just now. */
interface Located {
  readonly servers: readonly ServerAddress[]
  /** Of the rest of the group: those to ask where `servers` fail or are silent. */
  readonly others: readonly ServerAddress[]
  readonly isFresh: boolean
  /** All trackers were asked: no other storages can be named. */
  readonly isExhaustive: boolean
  /** `#purges` when the question was put. */
  readonly purges: number
}

interface KnownFacts {
  readonly facts: Facts
  readonly expiresAt: number
}

/** How often a tracker is asked for all storages of a group. */
const LIST_REFRESH_MS = 60_000

/** A question that outlives the one who asked first, for others share its answer. */
const SHARED = new AbortController().signal

/**
 * FastDFS: the id gives facts that any client can forge, the tracker gives storages without knowing
 * files. So only storages that a tracker listed for the group are connected to, and facts count
 * once a storage has confirmed them.
 *
 * In order: a store path on this host, the tracker's FETCH_ALL behind the location cache, and while
 * no tracker answers the location past its time, else the group's storages as last listed. Of a slave,
 * an appender or a file just uploaded a tracker names the source alone, though others have it soon:
 * they are asked where the source cannot be. And where the source is down a tracker names others,
 * whether they have it yet or not: "not found" is said without the source only if it is gone for good.
 */
export class FastdfsResolver implements Resolver<FastdfsRef> {
  readonly #options: FastdfsResolverOptions
  readonly #locations: LocationCache<readonly ServerAddress[]>
  readonly #facts: LRUCache<string, KnownFacts>
  readonly #factFlights = new Flights<Facts | null>()
  readonly #groups: GroupStorages
  /** What was asked before a purge must not be remembered after it. */
  #purges = 0

  constructor(options: FastdfsResolverOptions) {
    this.#options = options
    const { maxEntries, foundMs, notFoundMs, staleAfterMs, now, observe } = options
    this.#locations = new LocationCache({
      maxEntries,
      foundMs,
      notFoundMs,
      staleAfterMs,
      now,
      onStale: (ref) => observe({ type: 'stale_location', ref }),
    })
    this.#facts = new LRUCache({ max: maxEntries })
    const fetch = (groupName: string) => this.#listStorages(groupName)
    this.#groups = new GroupStorages({ fetch, refreshMs: LIST_REFRESH_MS, now })
  }

  get locations(): LocationCacheState {
    return this.#locations.state
  }

  async resolve(ref: FastdfsRef, options: ResolveOptions = {}): Promise<Found | null> {
    const id = parseFileId(ref)
    if (id === undefined) throw new EdgeError('invalid_ref', `no file id: ${formatRef(ref)}`)
    if (isMetadataName(ref.filename)) return null
    if (!options.isFresh) {
      const local = await this.#options.localStorePaths.find(id)
      if (local !== null) return this.#foundHere(id, local)
    }
    const located = await this.#locate(id, options.isFresh ?? false)
    return located === null ? null : this.#withFacts(id, located, options.isConfirmed ?? false)
  }

  confirm(ref: FastdfsRef, facts: Facts): void {
    if (facts.isImmutable) this.#rememberFacts(formatRef(ref), facts, this.#options.foundMs)
  }

  rememberNotFound(ref: FastdfsRef): void {
    this.#locations.setNotFound(formatRef(ref))
    this.#facts.delete(formatRef(ref))
  }

  contentKey(ref: FastdfsRef): string {
    return formatRef(ref)
  }

  forget(ref: FastdfsRef): Forgotten {
    this.#purges += 1
    const key = formatRef(ref)
    const size = this.#facts.get(key)?.facts.size ?? parseFileId(ref)?.size ?? null
    this.#factFlights.forget(key)
    const wasKnown = [this.#locations.delete(key), this.#facts.delete(key)].includes(true)
    return { refs: wasKnown ? [key] : [], contents: [{ key, size }], contentPrefix: null }
  }

  forgetPrefix({ prefix }: RefPrefix): Forgotten {
    this.#purges += 1
    const isMeant = (key: string): boolean => key.startsWith(prefix)
    for (const key of this.#factFlights.keys()) if (isMeant(key)) this.#factFlights.forget(key)
    const factsAlone = [...this.#facts.keys()].filter(
      (key) => isMeant(key) && this.#facts.delete(key) && !this.#locations.has(key),
    )
    const refs = [...factsAlone, ...this.#locations.deleteWhere(isMeant)]
    return { refs, contents: [], contentPrefix: prefix }
  }

  #foundHere(id: FileId, local: LocalFile): Found {
    const facts = factsOfId(id) ?? factsOfInfo(local)
    const keepMs = this.#keepMs(id, facts)
    const asked = { isConfirmed: true, isFresh: false, isExhaustive: false }
    const found = { ...asked, replicas: [local.replica], source: null, isChanging: false }
    return { ...found, facts, contentKey: keyOf(id), cache: 'none', keepMs }
  }

  async #withFacts(id: FileId, located: Located, mustConfirm: boolean): Promise<Found | null> {
    const known = this.#knownFacts(id)
    if (known !== undefined) return this.#found(id, located, { facts: known, isConfirmed: true })
    const claimed = factsOfId(id)
    if (claimed !== null && !mustConfirm) {
      return this.#found(id, located, { facts: claimed, isConfirmed: false })
    }
    try {
      const facts = await this.#shareFacts(id, located)
      if (facts !== null) return this.#found(id, located, { facts, isConfirmed: true })
      const isSourceListed = this.#source(id, located.servers) !== null
      const isLastWord = located.isExhaustive || (located.isFresh && isSourceListed)
      if (isLastWord) return this.#notFound(id, located)
    } catch (error) {
      if (located.isExhaustive) throw error
    }
    // What the cache or one tracker named does not have it: others may be named by now, or by others.
    const fresh = await this.#locate(id, true)
    const asked = { isFresh: true, isExhaustive: true }
    return fresh === null ? null : this.#withFacts(id, { ...fresh, ...asked }, true)
  }

  #notFound(id: FileId, { purges }: Located): null {
    if (purges === this.#purges) this.rememberNotFound({ system: 'fastdfs', ...id })
    return null
  }

  #found(
    id: FileId,
    located: Located,
    { facts, isConfirmed }: Pick<Found, 'facts' | 'isConfirmed'>,
  ): Found {
    const { isFresh, isExhaustive } = located
    const keepMs = this.#keepMs(id, facts)
    const source = this.#source(id, located.servers)
    const replicas = this.#replicas(id, located, facts)
    const asked = { isConfirmed, isFresh, isExhaustive }
    const of = { contentKey: keyOf(id), isChanging: id.kind === 'appender', keepMs }
    return { facts, replicas, cache: isFresh ? 'miss' : 'location', source, ...of, ...asked }
  }

  async #locate(id: FileId, isFresh: boolean): Promise<Located | null> {
    const purges = this.#purges
    const { value, ...cached } = await this.#locations.get(
      keyOf(id),
      () => this.#fetchLocation(id, isFresh),
      { isFresh, fallback: () => this.#lastListed(id) },
    )
    if (value === null) return null
    const isExhaustive = cached.isFresh && (isFresh || this.#options.tracker.count === 1)
    const others = this.#groups.others(id.groupName, value)
    return { servers: value, others, isFresh: cached.isFresh, isExhaustive, purges }
  }

  /** The group's storages as last listed, the source first. */
  #lastListed(id: FileId): readonly ServerAddress[] | undefined {
    const listed = this.#groups.of(id.groupName)
    return listed && this.#sourceFirst(id, listed)
  }

  /** @param ofAll each tracker is asked, for one alone may lag behind the others, or be wrong */
  async #fetchLocation(id: FileId, ofAll: boolean): Promise<readonly ServerAddress[] | null> {
    const { tracker } = this.#options
    const lists = ofAll
      ? await tracker.queryFetchAllOfEach(id, SHARED)
      : [await tracker.queryFetchAll(id, SHARED)]
    const servers = withoutRepeats(lists.flatMap((list) => list?.servers ?? []))
    if (servers.length > 0) {
      await this.#groups.add(id.groupName, servers)
      return servers
    }
    // A tracker says "unknown" as well of a group whose storages are all down.
    if ((await tracker.listGroup(id.groupName, SHARED)) === null) return null
    throw new EdgeError('no_replica', `no storage of ${id.groupName} is up`)
  }

  async #listStorages(groupName: string): Promise<readonly StorageStat[]> {
    const { tracker } = this.#options
    const group = await tracker.listGroup(groupName, SHARED)
    const storages = group && (await tracker.listStorages(groupName, SHARED, group.storageCount))
    return storages ?? []
  }

  #knownFacts(id: FileId): Facts | undefined {
    const known = this.#facts.get(keyOf(id))
    return known !== undefined && this.#options.now() < known.expiresAt ? known.facts : undefined
  }

  #rememberFacts(key: string, facts: Facts, keepMs: number): void {
    if (keepMs > 0) this.#facts.set(key, { facts, expiresAt: this.#options.now() + keepMs })
  }

  #keepMs(id: FileId, facts: Facts): number {
    if (facts.isImmutable) return this.#options.foundMs
    return id.kind === 'appender' ? 0 : this.#options.slaveMs
  }

  #shareFacts(id: FileId, located: Located): Promise<Facts | null> {
    const key = keyOf(id)
    return this.#factFlights.join(key, {
      load: () => this.#askForFacts(id, located),
      isThorough: located.isExhaustive,
      remember: (facts) => {
        if (facts !== null) this.#rememberFacts(key, facts, this.#keepMs(id, facts))
      },
    })
  }

  async #askForFacts(id: FileId, located: Located): Promise<Facts | null> {
    const { health, hedgeMs, observe } = this.#options
    const otherSizes = new Map<ServerAddress, FileInfo>()
    const ask = async (server: ServerAddress, signal: AbortSignal): Promise<FileInfo | null> => {
      const info = await this.#queryFileInfo(id, server, signal)
      if (info === null || id.size === null || info.size === id.size) return info
      otherSizes.set(server, info)
      throw this.#wrongSize(id, server, info)
    }
    const unlessDenied = denials<FileInfo>(located.servers, (one) => this.#isSource(id, one))
    const candidates = this.#inOrder(id, located).map((server) => ({
      host: this.#hostOf(server),
      ...this.#pingOf(id, located, server),
      ask: unlessDenied(server, (signal: AbortSignal) => ask(server, signal)),
    }))
    const outcome = await firstAnswer(candidates, { signal: SHARED, hedgeMs, health, observe })
    if (outcome.answer !== undefined) return factsOfId(id) ?? factsOfInfo(outcome.answer.value)
    const isOfAll = located.servers.every((server) => otherSizes.has(server))
    const agreed = isOfAll ? agreedInfo([...otherSizes.values()]) : undefined
    if (agreed !== undefined) return factsOfInfo(agreed)
    requireNotFound(outcome, this.#source(id, located.servers))
    return null
  }

  #queryFileInfo(id: FileId, server: ServerAddress, signal: AbortSignal): Promise<FileInfo | null> {
    return this.#options.storage.queryFileInfo(this.#reachable(server), id, { signal })
  }

  #wrongSize(id: FileId, server: ServerAddress, info: FileInfo): EdgeError {
    const host = this.#hostOf(server)
    this.#options.observe({ type: 'wrong_content', ref: keyOf(id), host })
    const message = `${host} has ${info.size} bytes of ${formatFileId(id)}, its id says ${id.size}`
    return new EdgeError('wrong_content', message, { host })
  }

  #replicas(id: FileId, located: Located, facts: Facts): readonly Replica[] {
    const { storage } = this.#options
    const unlessDenied = denials<ReplicaBody>(located.servers, (one) => this.#isSource(id, one))
    return this.#inOrder(id, located, facts).map((server) => ({
      host: this.#hostOf(server),
      place: this.#hostOf(server),
      elsewhere: { kind: 'host', host: this.#reachable(server).host },
      ...this.#pingOf(id, located, server),
      open: unlessDenied(server, (span: ByteRange | null, signal: AbortSignal) =>
        storage.download(this.#reachable(server), id, { span, signal }),
      ),
    }))
  }

  /**
   * Other storages of the group may lack what was appended, and for "not found" the source's word is needed: such a
   * one is waited for, unless it hangs.
   */
  #pingOf(id: FileId, { servers }: Located, server: ServerAddress): Pick<Replica, 'ping'> {
    const isNamed = servers.includes(server)
    if (isNamed ? id.kind !== 'appender' : !this.#isSource(id, server)) return {}
    const { storage } = this.#options
    return { ping: (signal) => storage.activeTest(this.#reachable(server), signal) }
  }

  /** What never changes is read from anywhere; what may change from its source, if that is well. */
  #inOrder(
    id: FileId,
    { servers, others }: Located,
    facts: Facts | null = factsOfId(id),
  ): readonly ServerAddress[] {
    const { health } = this.#options
    const hostOf = (server: ServerAddress): string => this.#hostOf(server)
    const named = facts?.isImmutable
      ? health.order(servers, hostOf)
      : this.#sourceFirst(id, servers)
    return health.demote([...named, ...others], hostOf)
  }

  #sourceFirst(id: FileId, servers: readonly ServerAddress[]): readonly ServerAddress[] {
    const isSource = (server: ServerAddress): boolean => this.#isSource(id, server)
    return [...servers.filter(isSource), ...servers.filter((server) => !isSource(server))]
  }

  #source(id: FileId, servers: readonly ServerAddress[]): string | null {
    const source = servers.find((server) => this.#isSource(id, server))
    return source === undefined ? null : this.#hostOf(source)
  }

  #isSource(id: FileId, { ipAddr }: ServerAddress): boolean {
    if (id.sourceId === null) return id.sourceIp === ipAddr
    return this.#options.storageIds.ipAddrs(id.groupName, id.sourceId).includes(ipAddr)
  }

  #reachable({ ipAddr, port }: ServerAddress): { host: string; port: number } {
    return this.#options.addressMap.reachable({ host: ipAddr, port })
  }

  #hostOf(server: ServerAddress): string {
    return formatAddress(this.#reachable(server))
  }
}

/** What `formatRef` makes of the id's ref. */
function keyOf(id: FileId): string {
  return formatRef({ system: 'fastdfs', groupName: id.groupName, filename: id.filename })
}

function withoutRepeats(servers: readonly ServerAddress[]): readonly ServerAddress[] {
  return [...new Map(servers.map((server) => [nameOf(server), server])).values()]
}

/**
 * Every replica holds another size than the id says, and all the same one: the name is a slave's
 * that looks like a normal file's (its prefix is digits). From a single replica it could as well be a
 * cut file, and so could an empty one from all: nobody stores empty slaves, but a disk that lost what
 * was written leaves them. Nothing that a storage tells sets a slave apart from a file that was cut
 * before it was copied: its name, its crc32 and, within a second, its time are the master's.
 */
function agreedInfo(infos: readonly FileInfo[]): FileInfo | undefined {
  const [first] = infos
  if (first === undefined || first.size === 0 || infos.length < 2) return undefined
  return infos.every(({ size }) => size === first.size) ? first : undefined
}
