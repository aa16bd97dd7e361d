import { LRUCache } from 'lru-cache'
import { formatAddress } from '../client/address.ts'
import type { Observe } from '../client/events.ts'
import { firstAnswer } from '../client/first-answer.ts'
import type { HostHealth } from '../client/host-health.ts'
import type { HttpStorage } from '../client/http-storage.ts'
import type { MogilefsFile, MogilefsLookup } from '../client/mogilefs-file.ts'
import { EdgeError } from '../errors.ts'
import type { FidUrl } from '../wire/mogilefs/fid-path.ts'
import type { AddressMap } from './address-map.ts'
import { LocationCache, type LocationCacheState } from './location-cache.ts'
import { type MogilefsSource, MogilefsSources } from './mogilefs-source.ts'
import {
  type Facts,
  type Forgotten,
  type Found,
  formatRef,
  type KnownContent,
  type MogilefsRef,
  type RefPrefix,
  type Replica,
  type ResolveOptions,
  type Resolver,
} from './resolver.ts'
import { requireNotFound } from './verdict.ts'

export interface MogilefsResolverOptions {
  /** In the order to ask them. */
  readonly sources: readonly MogilefsSource[]
  readonly http: Pick<HttpStorage, 'open' | 'size'>
  readonly addressMap: AddressMap
  /** Copies on devices that the trackers see down are tried last. */
  readonly isUnreachable: (devid: number) => boolean
  readonly health: HostHealth
  readonly hedgeMs: number
  /** How long fid and copies of a key are remembered: an overwrite shows after that. */
  readonly locationMs: number
  readonly notFoundMs: number
  /** How long content may be kept under its fid. */
  readonly contentMs: number
  readonly maxEntries: number
  /** Silence of all sources after which an old location is used. */
  readonly staleAfterMs: number
  readonly now: () => number
  readonly observe: Observe
}

/** What a key stands for at the moment. */
interface Location {
  readonly fid: number
  readonly facts: Facts
  readonly copies: readonly FidUrl[]
}

/** A question that outlives the one who asked first, for others share its answer. */
const SHARED = new AbortController().signal

/**
 * MogileFS: the trackers or the database turn a key into a fid, and devices that have it. The fid
 * names bytes that never change, so it is their etag and what they are kept under; keys that differ
 * in case or accent, which are alike to the database, share it. A key is remembered for seconds,
 * because an overwrite gives it another fid.
 */
export class MogilefsResolver implements Resolver<MogilefsRef> {
  readonly #options: MogilefsResolverOptions
  readonly #sources: MogilefsSources
  readonly #locations: LocationCache<Location>
  /**
   * As each fid was last seen, whichever key led to it. Its bytes never change, so this has no end: where
   * no copy is left, the key is asked for.
   */
  readonly #byFid: LRUCache<number, Location>

  constructor(options: MogilefsResolverOptions) {
    this.#options = options
    this.#sources = new MogilefsSources(options)
    const { maxEntries, locationMs, notFoundMs, staleAfterMs, now, observe } = options
    this.#locations = new LocationCache({
      maxEntries,
      foundMs: locationMs,
      notFoundMs,
      staleAfterMs,
      now,
      onStale: (ref) => observe({ type: 'stale_location', ref }),
    })
    this.#byFid = new LRUCache({ max: maxEntries })
  }

  get locations(): LocationCacheState {
    return this.#locations.state
  }

  resolve(ref: MogilefsRef, options: ResolveOptions = {}): Promise<Found | null> {
    const { fid, ...keyRef } = ref
    if (fid === undefined) return this.#resolveKey(keyRef, options)
    return this.#resolveFid(keyRef, fid, options)
  }

  /** Null: no copy of the fid is left, for its key has another one by now, or none. */
  async #resolveFid(
    ref: MogilefsRef,
    fid: number,
    { isFresh = false }: ResolveOptions,
  ): Promise<Found | null> {
    const known = this.#byFid.get(fid)
    if (known !== undefined && !isFresh) return this.#found(known, { cache: 'location' })
    const isMeant = (found: Found | null): boolean => found?.contentKey === contentKeyOf({ fid })
    const found = isFresh ? null : await this.#resolveKey(ref, { maxAgeMs: 0 })
    if (isMeant(found)) return found
    // A replica of the database may not have the fid yet that another edge was told of.
    const fresh = await this.#resolveKey(ref, { isFresh: true })
    return isMeant(fresh) ? fresh : this.#findFid(fid)
  }

  /** One that this edge never saw under its key, which another edge has told nginx of. */
  async #findFid(fid: number): Promise<Found | null> {
    const copies = await this.#sources.findCopies(fid, SHARED)
    const size = copies.length === 0 ? null : await this.#askForSize({ copies })
    if (size === null) return null
    const location = this.#locationOf({ fid, copies, checksum: null }, size)
    return this.#found(location, { isFresh: true, cache: 'miss' })
  }

  async #resolveKey(ref: MogilefsRef, options: ResolveOptions): Promise<Found | null> {
    const { isFresh = false, ...age } = options
    const key = formatRef(ref)
    let isDomainKnown = true
    const load = async (): Promise<Location | null> => {
      const located = await this.#locate(ref, isFresh)
      isDomainKnown = located !== 'no_domain'
      return typeof located === 'string' ? null : located
    }
    const cached = await this.#locations.get(key, load, { isFresh, ...age })
    // A tracker learns of a new domain seconds after the others: its "no" is not remembered.
    if (!isDomainKnown) this.#locations.delete(key)
    if (cached.value === null) return null
    // Copies that a replica or a cache named are gone: they are not asked a second time.
    if (isFresh && !cached.isFresh)
      throw new EdgeError('no_tracker', `nobody tells where ${key} is`)
    return this.#found(cached.value, { isFresh, cache: cached.isFresh ? 'miss' : 'location' })
  }

  /** The sources vouch for their facts. */
  confirm(): void {}

  rememberNotFound(ref: MogilefsRef): void {
    if (ref.fid === undefined) this.#locations.setNotFound(formatRef(ref))
    else this.#byFid.delete(ref.fid)
  }

  contentKey(ref: MogilefsRef): string | undefined {
    if (ref.fid !== undefined) return contentKeyOf({ fid: ref.fid })
    const location = this.#locations.peek(formatRef(ref))
    return location && contentKeyOf(location)
  }

  /** To the database keys that differ in case, and often more, are one: the fid tells which. */
  forget(ref: MogilefsRef): Forgotten {
    const folded = formatRef(ref).toLowerCase()
    return this.#forgetWhere((key) => key.toLowerCase() === folded)
  }

  forgetPrefix({ prefix }: RefPrefix): Forgotten {
    return this.#forgetWhere((key) => key.startsWith(prefix))
  }

  #forgetWhere(isMeant: (key: string) => boolean): Forgotten {
    const contents = new Map<number, KnownContent>()
    for (const [key, location] of this.#locations.entries()) {
      if (location === null || !isMeant(key)) continue
      contents.set(location.fid, { key: contentKeyOf(location), size: location.facts.size })
    }
    const spellings = new Set<string>()
    for (const [key, location] of this.#locations.entries()) {
      if (location !== null && contents.has(location.fid)) spellings.add(key)
    }
    for (const fid of contents.keys()) this.#byFid.delete(fid)
    const refs = this.#locations.deleteWhere((key) => spellings.has(key) || isMeant(key))
    return { refs, contents: [...contents.values()], contentPrefix: null }
  }

  async #locate(ref: MogilefsRef, isAnew: boolean): Promise<Location | 'no_key' | 'no_domain'> {
    const lookup = await (isAnew ? this.#lookUpAnew(ref) : this.#lookUp(ref))
    if (typeof lookup === 'string') return lookup
    if (lookup.copies.length === 0) {
      throw new EdgeError('no_replica', `no readable device has fid ${lookup.fid}`)
    }
    const size = lookup.length ?? (await this.#askForSize(lookup))
    if (size !== null) return this.#locationOf(lookup, size)
    return isAnew ? 'no_key' : this.#locate(ref, true)
  }

  #lookUp(ref: MogilefsRef): Promise<MogilefsLookup> {
    return this.#sources.lookUp(ref, SHARED)
  }

  async #lookUpAnew(ref: MogilefsRef): Promise<MogilefsLookup> {
    return (await this.#sources.lookUpOnPrimary(ref, SHARED)) ?? (await this.#lookUp(ref))
  }

  /** Null: no copy is there. */
  async #askForSize({ copies }: Pick<MogilefsFile, 'copies'>): Promise<number | null> {
    const { http, health, hedgeMs, observe } = this.#options
    const candidates = this.#inOrder(copies).map((copy) => ({
      host: hostOf(copy),
      ask: (signal: AbortSignal) => http.size(copy, signal),
    }))
    const outcome = await firstAnswer(candidates, { signal: SHARED, hedgeMs, health, observe })
    if (outcome.answer !== undefined) return outcome.answer.value
    requireNotFound(outcome, null)
    return null
  }

  #locationOf({ fid, copies, checksum }: Omit<MogilefsFile, 'length'>, size: number): Location {
    const known = this.#byFid.get(fid)?.facts
    const isSame = known?.size === size && known.checksum?.value === checksum?.value
    const facts = known && isSame ? known : factsOf({ fid, size, checksum })
    const location = { fid, facts, copies }
    this.#byFid.set(fid, location)
    return location
  }

  /** Only the primary's answer is fresh: a replica of the database may name copies long gone. */
  #found(
    location: Location,
    { isFresh = false, cache }: Pick<Found, 'cache'> & { readonly isFresh?: boolean },
  ): Found {
    return {
      facts: location.facts,
      contentKey: contentKeyOf(location),
      replicas: this.#inOrder(location.copies).map((copy) => this.#replica(copy)),
      isConfirmed: true,
      isFresh,
      isExhaustive: isFresh,
      cache,
      source: null,
      isChanging: false,
      keepMs: this.#options.contentMs,
    }
  }

  #replica(copy: FidUrl): Replica {
    const { http } = this.#options
    const host = hostOf(copy)
    const place = `${host}/dev${copy.devid}`
    return { host, place, open: (span, signal) => http.open(copy, { span, signal }) }
  }

  /** As the source gave them, but last those that the trackers or the edge itself found down. */
  #inOrder(copies: readonly FidUrl[]): readonly FidUrl[] {
    const { health, addressMap, isUnreachable } = this.#options
    const isDown = ({ devid }: FidUrl): number => Number(isUnreachable(devid))
    const reachable = copies.map((copy) => ({ ...copy, ...addressMap.reachable(copy) }))
    return health.demote(
      reachable.toSorted((a, b) => isDown(a) - isDown(b)),
      hostOf,
    )
  }
}

function factsOf({
  fid,
  size,
  checksum,
}: { fid: number; size: number } & Pick<Facts, 'checksum'>): Facts {
  const etag = `"${fid}"`
  return { size, modified: null, etag, isImmutable: true, isPermanent: false, checksum }
}

function contentKeyOf({ fid }: Pick<Location, 'fid'>): string {
  return `fid ${fid}`
}

function hostOf({ host, port }: FidUrl): string {
  return formatAddress({ host, port })
}
