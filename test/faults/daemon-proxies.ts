import type { Address } from '../../src/client/address.ts'
import { Child } from '../support/child.ts'
import type { ProxyFaults } from '../support/faulty-proxy.ts'
import type { TestContext } from './stand.ts'

/** What stands between an edge and a daemon. */
export interface DaemonProxy {
  readonly address: Address
  set(faults: ProxyFaults): Promise<void>
}

const PROCESS = new URL('../support/faulty-proxy-process.ts', import.meta.url)

/** One for each daemon, all in a process of their own: what they pass on is late by nobody else's work. */
export async function startProxies(
  t: TestContext,
  targets: readonly Address[],
): Promise<readonly DaemonProxy[]> {
  const child = await Child.start<readonly Address[]>(PROCESS, targets)
  t.after(() => child.stop())
  return child.ready.map((address, index) => ({
    address,
    set: (faults) => child.ask<void>({ index, faults }),
  }))
}
