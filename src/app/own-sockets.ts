import net, { isIP } from 'node:net'
import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { type Address, formatAddress } from '../client/address.ts'
import { cannotListen } from '../http/listen-fault.ts'

/** A socket that is bound, and that this process never accepts from. */
interface BoundSocket {
  readonly fd: number
  close(): void
  /** Fills in `port`; 0: it could. */
  getsockname(out: { port?: number }): number
}

/**
 * What node:cluster makes its own sockets with; undefined should a later Node not have it. The edge
 * processes then get their connections from the primary, and one that is killed takes those along that
 * were just being handed to it.
 */
const createServerHandle: unknown = Reflect.get(net, '_createServerHandle')

/**
 * The sockets of the addresses in `listen` that nobody has handed over. They are open for as long as the
 * primary runs: what comes in while an edge process is started again waits for it.
 */
export class OwnSockets {
  readonly #sockets = new Map<string, BoundSocket>()

  get fds(): readonly number[] {
    return [...this.#sockets.values()].map(({ fd }) => fd)
  }

  /** Opens those that are missing; what of them is open already stays so. @throws EdgeError invalid_config */
  open(addresses: readonly Address[]): void {
    const before = new Set(this.#sockets.keys())
    try {
      for (const address of addresses) this.#open(address)
    } catch (error) {
      this.#closeAllBut(before)
      throw error
    }
  }

  /** Closes all others, for this process: an edge process that uses one still has it. */
  keep(addresses: readonly Address[]): void {
    this.#closeAllBut(new Set(addresses.map(formatAddress)))
  }

  #open(address: Address): void {
    const name = formatAddress(address)
    // A name may lead to several addresses, port 0 to any: the edge process finds out by itself.
    if (this.#sockets.has(name) || isIP(address.host) === 0 || address.port === 0) return
    const socket = bind(address)
    if (socket !== undefined) this.#sockets.set(name, socket)
  }

  #closeAllBut(names: ReadonlySet<string>): void {
    for (const [name, socket] of this.#sockets) {
      if (names.has(name)) continue
      socket.close()
      this.#sockets.delete(name)
    }
  }
}

/** @throws EdgeError invalid_config */
function bind({ host, port }: Address): BoundSocket | undefined {
  if (typeof createServerHandle !== 'function') return undefined
  const made: unknown = createServerHandle(host, port, isIP(host))
  if (!isBoundSocket(made)) {
    throw cannotListen({ host, port }, nameError(made))
  }
  // A taken port is not reported before listen(2), which would then take any other.
  const bound: { port?: number } = {}
  if (made.getsockname(bound) === 0 && bound.port === port) return made
  made.close()
  throw cannotListen({ host, port }, nameError(EADDRINUSE))
}

const EADDRINUSE = -constants.errno.EADDRINUSE

/** libuv's error numbers are negative errno values. */
function nameError(code: unknown): Error {
  const name = typeof code === 'number' ? getSystemErrorName(code) : 'unknown'
  return Object.assign(new Error(`bind: ${name}`), { code: name })
}

function isBoundSocket(made: unknown): made is BoundSocket {
  return typeof made === 'object' && made !== null && 'fd' in made && 'getsockname' in made
}
