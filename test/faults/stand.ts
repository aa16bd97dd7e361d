import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { type Address, formatAddress } from '../../src/client/address.ts'
import { freePort } from '../support/free-port.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { type DaemonProxy, startProxies } from './daemon-proxies.ts'
import { type Seeded, seed } from './seed.ts'
import { type StoreArgument, StoreProcess, type System } from './store-process.ts'

export interface TestContext {
  after(fn: () => unknown): void
}

/** Storages of group1, or hosts of MogileFS: each has every file. */
export const REPLICAS = 3

/** One daemon that an edge talks to: its process, and what stands between the two. */
export interface Member {
  readonly address: Address
  readonly process: StoreProcess
  readonly proxy: DaemonProxy
}

type Parts = Pick<Stand, 'system' | 'folder' | 'files' | 'tracker' | 'storages' | 'secondTracker'>

/**
 * Two trackers and three storages with the same files. The last tracker and the last storage, which
 * share a process, are always well; each of the others is a process of its own behind a proxy. Every
 * process runs a whole store; the edge's address map leads to the one daemon of it that counts.
 */
export class Stand {
  readonly system: System
  readonly folder: string
  readonly files: Seeded
  readonly tracker: Member
  readonly storages: readonly Member[]
  readonly secondTracker: Address

  private constructor(parts: Parts) {
    this.system = parts.system
    this.folder = parts.folder
    this.files = parts.files
    this.tracker = parts.tracker
    this.storages = parts.storages
    this.secondTracker = parts.secondTracker
  }

  static async start(t: TestContext, system: System, largeBytes: number): Promise<Stand> {
    const folder = await temporaryFolder(t)
    const first = await argumentOf(system, join(folder, '0'))
    const files = await seed(first, largeBytes)
    const others = await Promise.all(
      Array.from({ length: REPLICAS }, async (_, index) => {
        const argument = await argumentOf(system, join(folder, `${index + 1}`))
        await cp(first.dataDir, argument.dataDir, { recursive: true })
        const address = argument.storages[index]
        if (address === undefined) throw new Error(`there is no storage ${index}`)
        return { argument, address }
      }),
    )
    const [tracker, ...storages] = await startMembers(t, [
      { argument: first, address: first.tracker },
      ...others,
    ])
    if (tracker === undefined) throw new Error('there is no tracker')
    const secondTracker = others.at(-1)?.argument.tracker ?? first.tracker
    return new Stand({ system, folder, files, tracker, storages, secondTracker })
  }

  /**
   * Lines of an edge.conf that asks for everything anew each time. Behind proxies a storage that is
   * killed takes connections and drops them, without them it refuses.
   * @param more settings that go before the sections
   */
  settings({ isProxied, more = '' }: { isProxied: boolean; more?: string | undefined }): string {
    const addressOf = ({ address, proxy }: Member): Address => (isProxied ? proxy.address : address)
    const trackers = [addressOf(this.tracker), this.secondTracker].map(formatAddress)
    const name = this.system === 'fastdfs' ? 'tracker_server' : 'trackers'
    const mapped = this.storages.map((storage) => {
      return `${storage.address.host} = ${formatAddress(addressOf(storage))}`
    })
    return [
      ...trackers.map((tracker) => `${name} = ${tracker}`),
      ...ASK_ANEW,
      `nginx_cache_path = ${this.folder}/cache`,
      more,
      '[address_map]',
      ...mapped,
    ].join('\n')
  }

  /** Where a storage, by its place among all, has a file of FastDFS. */
  diskPath(storage: number, { path }: { readonly path: string }): string {
    const [, group = '', , ...name] = path.split('/')
    return join(this.folder, `${storage + 1}`, group, 'path0', 'data', ...name)
  }

  async heal(): Promise<void> {
    for (const { process, proxy } of [this.tracker, ...this.storages]) {
      await process.heal()
      await proxy.set({})
    }
  }
}

/** Lines of an edge.conf with which nothing is remembered. */
export const ASK_ANEW = [
  'object_cache_size = 0',
  'location_ttl = 0',
  'mogilefs_location_ttl = 0',
  'not_found_ttl = 0',
]

async function argumentOf(system: System, dataDir: string): Promise<StoreArgument> {
  const tracker = { host: '127.0.0.1', port: await freePort() }
  const count = system === 'fastdfs' ? REPLICAS + 1 : REPLICAS
  const hosts = Array.from({ length: count }, (_, index) => `127.0.0.${index + 2}`)
  const storages = await Promise.all(
    hosts.map(async (host) => ({ host, port: await freePort(host) })),
  )
  return { system, dataDir, tracker, storages }
}

async function startMembers(
  t: TestContext,
  daemons: readonly { readonly argument: StoreArgument; readonly address: Address }[],
): Promise<readonly Member[]> {
  const proxies = await startProxies(
    t,
    daemons.map(({ address }) => address),
  )
  const members = daemons.flatMap(({ argument, address }, index) => {
    const proxy = proxies[index]
    return proxy === undefined ? [] : [{ address, proxy, process: new StoreProcess(argument) }]
  })
  for (const { process } of members) t.after(() => process.kill())
  await Promise.all(members.map(({ process }) => process.start()))
  return members
}
