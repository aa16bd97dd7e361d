import assert from 'node:assert/strict'
import { createTransfer } from '../../src/app/create-transfer.ts'
import type { Address } from '../../src/client/address.ts'
import type { HostHealth } from '../../src/client/host-health.ts'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import { EdgeError } from '../../src/errors.ts'
import { STATUS_OF_ERROR } from '../../src/http/error-response.ts'
import type { Ref, Resolver } from '../../src/resolver/resolver.ts'
import { readAll } from '../suites/store-stack.ts'
import type { ScriptedDaemon } from '../support/scripted-daemon.ts'
import { guardConnects } from './connect-guard.ts'
import type { Random } from './random.ts'
import type { OpenTarget } from './target.ts'

/** A tracker and a storage that say what a case says, for one case at a time. */
export interface Stand {
  readonly tracker: Address
  readonly storage: Address
  said: readonly string[]
  readonly daemons: readonly ScriptedDaemon[]
}

/** Where the tracker says that the storage is: it must be the same in every run. */
export const LISTED: Address = { host: '10.99.0.1', port: 23_000 }

const QUICK_MS = 40

/** An edge that gives up soon and remembers nothing, with the listed storage within reach. */
export function quickConf({ storage, said }: Pick<Stand, 'storage' | 'said'>): EdgeConf {
  const base = defaultEdgeConf()
  // As small files are read, or as large ones.
  const verifyMaxBytes = said.join('').length % 2 === 0 ? 0 : base.memory.verifyMaxBytes
  return {
    ...base,
    addressMap: [{ from: LISTED, to: storage }],
    loadFdfsParametersFromTracker: false,
    // A cache makes room for all its entries at once, and each case has caches of its own.
    locations: { ...base.locations, maxEntries: 10 },
    memory: { ...base.memory, objectCacheBytes: 0, verifyMaxBytes },
    timeouts: {
      ...base.timeouts,
      connectMs: QUICK_MS,
      networkMs: QUICK_MS,
      firstAnswerMs: QUICK_MS,
      hedgeMs: 10,
    },
  }
}

export interface OpenCluster {
  readonly resolver: Resolver
  readonly health: HostHealth
  close(): void
}

/** The whole content of a file; an EdgeError where the daemons make no sense. */
export async function readFile(
  conf: EdgeConf,
  cluster: OpenCluster,
  ref: Ref,
): Promise<Buffer | null> {
  const { signal } = new AbortController()
  try {
    const opened = await createTransfer(conf, cluster, () => undefined).open(ref, null, { signal })
    return opened === null ? null : await readAll(opened)
  } finally {
    cluster.close()
  }
}

export interface DaemonCases {
  /** What each daemon says, or each answer of one. */
  generate(random: Random): readonly string[]
  startStand(): Promise<Stand>
  /** The file that the stand is about; null: there is none. @throws EdgeError */
  read(stand: Stand): Promise<Buffer | null>
  /** The storage's answer is whole, and other bytes than the sum says. */
  isSumBroken(said: readonly string[]): boolean
  /** @throws where it is not what the daemons vouch for */
  checkContent(content: Buffer, said: readonly string[]): void
  /** Where a daemon must have named a host for it to be met. */
  listOf(said: readonly string[]): string
}

/** What became of cases whose storage broke the sum. */
export const BROKEN_SUM = 'broken sum'

const SEPARATOR = '\f\0separator\0\f'

/** A target of daemons that say anything: nobody unlisted is met, and what fails is no 500. */
export function openDaemons(cases: DaemonCases): OpenTarget {
  const guard = guardConnects()
  const outcomes = new Map<string, number>()
  const stands = new Stands(async () => {
    const stand = await cases.startStand()
    guard.allow(stand.tracker)
    guard.allow(stand.storage)
    return stand
  })
  const check = async (stand: Stand): Promise<void> => {
    const outcome = await outcomeOf(cases, stand)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  }
  return {
    outcomes,
    generate: (random) => cases.generate(random).join(SEPARATOR),
    check: async (text) => {
      const said = text.split(SEPARATOR)
      const strays = await guard.strays(() => stands.use(said, check))
      const list = cases.listOf(said)
      for (const { host } of strays) assert.ok(list.includes(host), `${host} is not listed`)
    },
    close: () => {
      guard.release()
      return stands.close()
    },
  }
}

async function outcomeOf(cases: DaemonCases, stand: Stand): Promise<string> {
  const { said } = stand
  try {
    const content = await cases.read(stand)
    assert.ok(content === null || !cases.isSumBroken(said), 'a broken sum is not seen')
    if (content !== null) cases.checkContent(content, said)
    return content === null ? 'not found' : 'content'
  } catch (error) {
    const status = statusOf(error)
    return cases.isSumBroken(said) ? BROKEN_SUM : status
  }
}

/** What a client is told. @throws what is no EdgeError, and what would be a 500 */
export function statusOf(error: unknown): string {
  if (!(error instanceof EdgeError)) throw error
  const status = STATUS_OF_ERROR[error.code]
  assert.ok(status !== null && status > 500, `${status}: ${error.stack}`)
  return `${status}`
}

/** Stands that are free; each case takes one. */
class Stands {
  readonly #free: Stand[] = []
  readonly #all: Stand[] = []
  readonly #create: () => Promise<Stand>

  constructor(create: () => Promise<Stand>) {
    this.#create = create
  }

  async use<T>(said: readonly string[], act: (stand: Stand) => Promise<T>): Promise<T> {
    const stand = this.#free.pop() ?? (await this.#add())
    stand.said = said
    try {
      return await act(stand)
    } finally {
      this.#free.push(stand)
    }
  }

  async close(): Promise<void> {
    for (const daemon of this.#all.flatMap(({ daemons }) => daemons)) await daemon.close()
  }

  async #add(): Promise<Stand> {
    const stand = await this.#create()
    this.#all.push(stand)
    return stand
  }
}
