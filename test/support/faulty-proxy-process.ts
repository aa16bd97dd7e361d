import type { Address } from '../../src/client/address.ts'
import { childArgument, sayReady } from './child.ts'
import { FaultyProxy, type ProxyFaults } from './faulty-proxy.ts'

const proxies = await Promise.all(
  childArgument<readonly Address[]>().map((target) => FaultyProxy.start(target)),
)
sayReady(
  proxies.map(({ address }) => address),
  (order) => {
    const { index, faults } = order as { index: number; faults: ProxyFaults }
    return proxies[index]?.set(faults)
  },
)
