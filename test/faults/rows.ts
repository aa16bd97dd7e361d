import type { ContentFaults } from '../../src/embedded/content-faults.ts'
import type { ProxyFaults } from '../support/faulty-proxy.ts'
import { keyOf, type Place, type PlaceName } from './place.ts'
import type { SeededFile } from './seed.ts'
import type { LieName } from './store-process.ts'
import type { Files } from './workload.ts'

/** One fault that an edge is to outlive, for the tests and for `npm run faults`. */
export interface FaultRow {
  readonly fault: string
  readonly place: PlaceName
  /** Hosts that do not do their work: each may make a first byte late by `hedge_ms`. */
  readonly badHosts: number
  /** Between edge and daemons stand proxies. */
  readonly isProxied?: boolean
  /** Lines of edge.conf. */
  readonly settings?: string
  /** What is asked for; all files of the place unless said otherwise. */
  files?(place: Place): Files
  /** Before the first request. */
  prepare?(place: Place): Promise<void>
  /** Begins what goes on beside the requests; how to end it. */
  during?(place: Place): Promise<() => Promise<void>>
  /** While requests are under way. */
  begin(place: Place): Promise<void>
  end?(place: Place): Promise<void>
  /**
   * A large file's replica proves wrong when its last byte has come: the answer is cut, once for each who
   * reads it by then.
   */
  readonly cutsMax?: number
}

type Row = Omit<FaultRow, 'place'>

const WITH_BOTH: readonly PlaceName[] = ['FastDFS', 'MogileFS']

/** The first storage is the source of every file in FastDFS. */
const killed = (count: number): Row['begin'] => {
  return async ({ stand }) => {
    for (const { process } of stand.storages.slice(0, count)) await process.kill()
  }
}
const hung = (count: number): Row['begin'] => {
  return async ({ stand }) => {
    for (const { process } of stand.storages.slice(0, count)) await process.suspend()
  }
}
const proxied = (fault: string, faults: ProxyFaults, more: Partial<Row> = {}): Row => ({
  fault,
  badHosts: 2,
  isProxied: true,
  begin: async ({ stand }) => {
    for (const { proxy } of stand.storages.slice(0, 2)) await proxy.set(faults)
  },
  ...more,
})
const wrongContent = (fault: string, faults: ContentFaults, more: Partial<Row> = {}): Row => ({
  fault,
  badHosts: 2,
  begin: async ({ stand }) => {
    for (const { process } of stand.storages.slice(0, 2)) {
      await process.order({ of: 'storage', faults })
    }
  },
  ...more,
})

/** What the machine itself makes late. */
const NO_FAULT: Row = { fault: 'none', badHosts: 0, begin: async () => {} }

/** Two of three storages are bad, but where it is said. */
const STORAGE_ROWS: readonly Row[] = [
  { fault: 'one storage killed', badHosts: 1, begin: killed(1) },
  { fault: 'two storages killed', badHosts: 2, begin: killed(2) },
  { fault: 'one storage hung', badHosts: 1, begin: hung(1) },
  { fault: 'two storages hung', badHosts: 2, begin: hung(2) },
  proxied('storages slowed to 1 KB/s', { bytesPerSecond: 1024 }),
  proxied('storages cut after 10 KB', { cutAfterBytes: 10_000 }),
  proxied('storages cut after 1 MB', { cutAfterBytes: 1_000_000 }),
  proxied('storages send garbage', { isGarbage: true }),
  wrongContent('storages send one wrong byte', { wrongByteAt: 20_000 }, { cutsMax: 16 }),
  wrongContent('storages send too much', { wrongLength: 100 }),
  wrongContent('storages send too little', { wrongLength: -100 }),
]

const lying = (lie: LieName): Row['begin'] => {
  return ({ stand }) => stand.tracker.process.order({ of: 'tracker', faults: {}, lie })
}

/** One of two trackers is bad. */
const TRACKER_ROWS: readonly Row[] = [
  {
    fault: 'tracker killed',
    badHosts: 1,
    begin: ({ stand }) => stand.tracker.process.kill(),
  },
  {
    fault: 'tracker hung',
    badHosts: 1,
    begin: ({ stand }) => stand.tracker.process.suspend(),
  },
  {
    fault: 'tracker sends garbage',
    badHosts: 1,
    isProxied: true,
    begin: ({ stand }) => stand.tracker.proxy.set({ isGarbage: true }),
  },
  {
    fault: 'tracker cut after 60 bytes',
    badHosts: 1,
    isProxied: true,
    begin: ({ stand }) => stand.tracker.proxy.set({ cutAfterBytes: 60 }),
  },
  { fault: 'tracker names unlisted addresses', badHosts: 1, begin: lying('unlisted') },
  { fault: 'tracker names storages without the file', badHosts: 1, begin: lying('elsewhere') },
]

const OTHER_FILE: FaultRow = {
  fault: "tracker names another file's replicas",
  place: 'MogileFS',
  badHosts: 1,
  begin: lying('otherFile'),
}

/** The database alone, or with the trackers to fall back on. */
const BY_SQL = { place: 'MogileFS by SQL', badHosts: 1, settings: 'resolve = database' } as const
const DATABASE_ROWS: readonly FaultRow[] = [
  {
    ...BY_SQL,
    fault: 'primary killed',
    begin: ({ mariadb }) => mariadb.kill(mariadb.primary),
    end: ({ mariadb }) => mariadb.start(mariadb.primary),
  },
  {
    ...BY_SQL,
    fault: 'primary hung',
    begin: ({ mariadb }) => mariadb.suspend(mariadb.primary),
    end: async ({ mariadb }) => mariadb.resume(mariadb.primary),
  },
  {
    ...BY_SQL,
    fault: 'replica killed',
    begin: ({ mariadb }) => mariadb.kill(mariadb.replica),
    end: ({ mariadb }) => mariadb.start(mariadb.replica),
  },
  {
    ...BY_SQL,
    fault: 'replica hung',
    begin: ({ mariadb }) => mariadb.suspend(mariadb.replica),
    end: async ({ mariadb }) => mariadb.resume(mariadb.replica),
  },
  {
    ...BY_SQL,
    fault: 'replica lags: fresh keys',
    files: ({ stand }) => ({ ...stand.files, small: stand.files.spare.slice(0, 2) }),
    prepare: async (place) => {
      await place.mariadb.stopReplication()
      for (const file of place.stand.files.spare.slice(0, 2)) await place.insert(keyOf(file), file)
    },
    begin: async () => {},
    end: ({ mariadb }) => mariadb.startReplication(),
  },
  {
    ...BY_SQL,
    fault: 'replica lags: key overwritten, old copies gone',
    files: ({ stand }) => {
      const [old, fresh] = overwritten(stand.files.spare)
      return { ...stand.files, small: [{ path: old.path, content: fresh.content }] }
    },
    prepare: async (place) => {
      const { mariadb, stand } = place
      const [old, fresh] = overwritten(stand.files.spare)
      await place.insert(keyOf(old), old)
      await mariadb.caughtUp()
      await mariadb.stopReplication()
      await mariadb.exec(`DELETE FROM file WHERE fid = ${old.fid}`)
      await place.insert(keyOf(old), fresh)
      await place.deleteCopies(old)
    },
    begin: async () => {},
    end: ({ mariadb }) => mariadb.startReplication(),
  },
  {
    ...BY_SQL,
    fault: 'primary hung, replica lags: keys that the trackers know',
    settings: 'resolve = database,tracker',
    files: ({ stand }) => ({ ...stand.files, small: stand.files.spare.slice(4, 6) }),
    begin: ({ mariadb }) => mariadb.suspend(mariadb.primary),
    end: async ({ mariadb }) => mariadb.resume(mariadb.primary),
  },
]

function overwritten(spare: readonly SeededFile[]): readonly [SeededFile, SeededFile] {
  const [old, fresh] = spare.slice(2, 4)
  if (old === undefined || fresh === undefined) throw new Error('there are too few files')
  return [old, fresh]
}

export const ROWS: readonly FaultRow[] = [
  ...WITH_BOTH.flatMap((place) =>
    [NO_FAULT, ...STORAGE_ROWS, ...TRACKER_ROWS].map((row) => ({ ...row, place })),
  ),
  OTHER_FILE,
  { ...BY_SQL, ...NO_FAULT },
  ...DATABASE_ROWS,
]
