import type { MogilefsKey, MogilefsLookup } from '../client/mogilefs-file.ts'
import type { MogilefsTracker } from '../client/mogilefs-tracker.ts'
import { type FidUrl, parseFidUrl } from '../wire/mogilefs/fid-path.ts'
import type { ListedHosts } from './listed-hosts.ts'
import type { Located, MogilefsSource } from './mogilefs-source.ts'

/** The trackers' answers, as far as they name hosts that the trackers list. */
type Tracker = Pick<MogilefsTracker, 'locate' | 'locateOnPrimary' | 'fileDebug'>

export class MogilefsTrackerSource implements MogilefsSource {
  readonly #tracker: Tracker
  readonly #hosts: ListedHosts

  constructor(tracker: Tracker, hosts: ListedHosts) {
    this.#tracker = tracker
    this.#hosts = hosts
  }

  async locate(key: MogilefsKey, signal: AbortSignal): Promise<Located> {
    const lookup = await this.#tracker.locate(key, signal, this.#onlyListed)
    // `mogadm slave add` makes the tracker itself read from a replica.
    return { lookup, isAuthoritative: false }
  }

  locateOnPrimary(key: MogilefsKey, signal: AbortSignal): Promise<MogilefsLookup | undefined> {
    return this.#tracker.locateOnPrimary(key, signal, this.#onlyListed)
  }

  async copiesOf(fid: number, signal: AbortSignal): Promise<readonly FidUrl[]> {
    const found = await this.#tracker.fileDebug({ fid }, signal)
    const paths = typeof found === 'string' ? [] : found.paths
    const copies = paths.flatMap(({ path }) => parseFidUrl(path) ?? [])
    return this.#hosts.only(copies.filter((copy) => copy.fid === fid))
  }

  readonly #onlyListed = (copies: readonly FidUrl[]): Promise<readonly FidUrl[]> =>
    this.#hosts.only(copies)
}
