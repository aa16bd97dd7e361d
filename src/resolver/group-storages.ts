import { Refreshed } from '../client/refreshed.ts'
import {
  type ServerAddress,
  STORAGE_STATUS,
  type StorageStat,
} from '../wire/fastdfs/tracker-messages.ts'

type ListedStorage = Pick<StorageStat, 'status' | 'rwMode' | 'ipAddr' | 'storagePort'>

export interface GroupStoragesOptions {
  /** All storages of a group, in whatever state. */
  fetch(groupName: string): Promise<readonly ListedStorage[]>
  readonly refreshMs: number
  readonly now: () => number
}

/** Bit of `rw_mode`, as R_OK of access(2). */
const READABLE = 4

/**
 * Every storage that a tracker has listed, by group: in its answers for single files, and when it was
 * asked for all, in the background every so often. One that a tracker fails to list stays; one that it
 * lists as deleted does not. Few, for groups are few.
 */
export class GroupStorages {
  readonly #options: GroupStoragesOptions
  readonly #listed = new Map<string, Map<string, ServerAddress>>()
  readonly #lists = new Map<string, Refreshed<readonly ServerAddress[]>>()

  constructor(options: GroupStoragesOptions) {
    this.#options = options
  }

  /** Undefined: no tracker has spoken of the group yet. */
  of(groupName: string): readonly ServerAddress[] | undefined {
    const listed = this.#listed.get(groupName)
    return listed && [...listed.values()]
  }

  /** Those of the group that are not among `servers`. */
  others(groupName: string, servers: readonly ServerAddress[]): readonly ServerAddress[] {
    const listed = this.#listed.get(groupName)
    if (listed === undefined || listed.size <= servers.length) return []
    const named = new Set(servers.map(nameOf))
    return [...listed.values()].filter((server) => !named.has(nameOf(server)))
  }

  /** A tracker has named these of a group that it knows; the first time it is asked for the rest, too. */
  async add(groupName: string, servers: readonly ServerAddress[]): Promise<void> {
    this.#put(groupName, servers)
    await this.#listOf(groupName)
      .get()
      .catch(() => undefined)
  }

  #listOf(groupName: string): Refreshed<readonly ServerAddress[]> {
    const known = this.#lists.get(groupName)
    if (known !== undefined) return known
    const { refreshMs, now } = this.#options
    const list = new Refreshed({ load: () => this.#load(groupName), refreshMs, now })
    this.#lists.set(groupName, list)
    return list
  }

  async #load(groupName: string): Promise<readonly ServerAddress[]> {
    const storages = await this.#options.fetch(groupName)
    for (const storage of storages.filter(isGone)) {
      this.#listed.get(groupName)?.delete(nameOf(addressOf(storage)))
    }
    const servers = activeFirst(storages).filter(isReadable).map(addressOf)
    this.#put(groupName, servers)
    return servers
  }

  #put(groupName: string, servers: readonly ServerAddress[]): void {
    const listed = this.#listed.get(groupName) ?? new Map<string, ServerAddress>()
    for (const server of servers) listed.set(nameOf(server), server)
    this.#listed.set(groupName, listed)
  }
}

/**
 * Keeps the others of a group from being asked once a storage that a tracker named has said "not here":
 * a file that was deleted lives on where the deletion has not come to. But the source is asked, named or
 * not: while it is down a tracker names storages that a new file has not come to.
 */
export function denials<T>(
  named: readonly ServerAddress[],
  isSource: (server: ServerAddress) => boolean,
) {
  let isDenied = false
  return <A extends readonly unknown[]>(
    server: ServerAddress,
    ask: (...args: A) => Promise<T | null>,
  ) =>
    async (...args: A): Promise<T | null> => {
      const isNamed = named.includes(server)
      if (isDenied && !isNamed && !isSource(server)) return null
      const answer = await ask(...args)
      if (isNamed && answer === null) isDenied = true
      return answer
    }
}

/** States of storages that were, or will be. All others may answer, whatever their tracker knows yet. */
const NOT_THERE: ReadonlySet<number> = new Set([
  STORAGE_STATUS.INIT,
  STORAGE_STATUS.IP_CHANGED,
  STORAGE_STATUS.DELETED,
  STORAGE_STATUS.NONE,
])

function isGone({ status }: ListedStorage): boolean {
  return NOT_THERE.has(status)
}

function isReadable(storage: ListedStorage): boolean {
  return !isGone(storage) && (storage.rwMode & READABLE) !== 0
}

/** A tracker that has lost its state lists as WAIT_SYNC or OFFLINE what has long had every file. */
function activeFirst(storages: readonly ListedStorage[]): readonly ListedStorage[] {
  const isActive = ({ status }: ListedStorage): boolean => status === STORAGE_STATUS.ACTIVE
  return storages.toSorted((a, b) => Number(isActive(b)) - Number(isActive(a)))
}

function addressOf({ ipAddr, storagePort }: ListedStorage): ServerAddress {
  return { ipAddr, port: storagePort }
}

/** What tells one storage from another. */
export function nameOf({ ipAddr, port }: ServerAddress): string {
  return `${ipAddr} ${port}`
}
