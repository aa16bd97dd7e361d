import { createTransfer } from '../../src/app/wiring.ts'
import type { Address } from '../../src/client/address.ts'
import type { HostHealth } from '../../src/client/host-health.ts'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import type { Ref, Resolver } from '../../src/resolver/resolver.ts'
import { readAll } from '../suites/store-stack.ts'
import type { ScriptedDaemon } from '../support/scripted-daemon.ts'

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
export function quickConf({ storage }: Pick<Stand, 'storage'>): EdgeConf {
  const base = defaultEdgeConf()
  return {
    ...base,
    addressMap: [{ from: LISTED, to: storage }],
    loadFdfsParametersFromTracker: false,
    // A cache makes room for all its entries at once, and each case has caches of its own.
    locations: { ...base.locations, maxEntries: 10 },
    memory: { ...base.memory, objectCacheBytes: 0 },
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

/** Stands that are free; each case takes one. */
export class Stands {
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
