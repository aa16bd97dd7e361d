import { AsyncLocalStorage } from 'node:async_hooks'
import { Socket } from 'node:net'
import type { Address } from '../../src/client/address.ts'

/** Every address that this process tried to reach, but for those that it may. */
export interface ConnectGuard {
  /** Addresses that were tried while `act` ran, by what it began: cases go on beside each other. */
  strays(act: () => Promise<void>): Promise<Address[]>
  allow(address: Address): void
  release(): void
}

/**
 * Lets connections go to known addresses alone: all others are noted, and refused before a packet has
 * left. A hostile daemon can name any host.
 */
export function guardConnects(): ConnectGuard {
  const allowed = new Set<string>()
  const current = new AsyncLocalStorage<Address[]>()
  const { connect } = Socket.prototype
  function guarded(this: Socket, ...args: unknown[]): Socket {
    const { host, port } = addressOf(args)
    if (allowed.has(`${host}:${port}`)) return Reflect.apply(connect, this, args)
    current.getStore()?.push({ host, port })
    process.nextTick(() => this.destroy(new Error('refused by the test')))
    return this
  }
  Object.defineProperty(Socket.prototype, 'connect', { value: guarded, configurable: true })
  return {
    strays: async (act) => {
      const strays: Address[] = []
      await current.run(strays, act)
      return strays
    },
    allow: ({ host, port }) => void allowed.add(`${host}:${port}`),
    release: () => {
      Object.defineProperty(Socket.prototype, 'connect', { value: connect, configurable: true })
    },
  }
}

/** `net.connect` hands on a list of its own, whose first item is what it was given. */
function addressOf(args: readonly unknown[]): Address {
  const [first] = args
  const options: unknown = Array.isArray(first) ? first[0] : first
  if (typeof options !== 'object' || options === null) return { host: '', port: 0 }
  const host = 'host' in options ? options.host : ''
  const port = 'port' in options ? options.port : 0
  return { host: `${host}`, port: Number(port) }
}
