import { Socket, SocketAddress } from 'node:net'
import { type Address, formatAddress } from '../client/address.ts'
import type { EdgeConf } from '../config/index.ts'
import { EdgeError } from '../errors.ts'

/** sd_listen_fds(3): SD_LISTEN_FDS_START. */
export const FIRST_FD = 3
const FDS_MAX = 64

/** The launcher's word in place of a pid: it has passed the sockets on, as they were for itself. */
const FROM_LAUNCHER = 'launcher'

/** What localhost is in every hosts file. */
const LOOPBACK = ['127.0.0.1', '::1']

type Env = Record<string, string | undefined>

/**
 * Listening sockets that were open before this process began: systemd holds them while the edge is
 * replaced, and what comes in meanwhile waits. One takes the place of the address in `listen` or
 * `admin_listen` that it is bound to. Each edge process has them all under the same numbers and
 * accepts by itself, so that a socket is never closed for others by a process that goes.
 */
export class InheritedSockets {
  readonly fds: readonly number[]
  /** Each is but the way to a descriptor: nothing is read from it, and it is never closed. */
  readonly #sockets: ReadonlyMap<string, readonly Socket[]>

  /** @throws EdgeError invalid_config: one of them is no TCP socket */
  constructor(fds: readonly number[]) {
    this.fds = fds
    const sockets = Map.groupBy(fds.map(openSocket), ({ key }) => key)
    this.#sockets = new Map(
      Array.from(sockets, ([key, same]) => [key, same.map(({ socket }) => socket)]),
    )
  }

  /**
   * Those that systemd or another supervisor announces in LISTEN_FDS, if LISTEN_PID says that this
   * process is meant. The variables go, so that no child takes them for its own.
   */
  static take(env: Env = process.env): InheritedSockets {
    const { LISTEN_PID: pid, LISTEN_FDS: count } = env
    for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[name]
    const isMeant = pid === String(process.pid) || pid === FROM_LAUNCHER
    if (!isMeant || count === undefined) return new InheritedSockets([])
    if (!/^[0-9]{1,2}$/.test(count) || Number(count) > FDS_MAX) {
      throw new EdgeError('invalid_config', `LISTEN_FDS is not a number of at most ${FDS_MAX}`)
    }
    return new InheritedSockets(Array.from({ length: Number(count) }, (_, i) => FIRST_FD + i))
  }

  /** None, or as many descriptors as there are of the one socket. */
  find(address: Address): readonly Socket[] {
    return this.#sockets.get(this.#keyFor(address) ?? '') ?? []
  }

  /** Of the socket for an address. Other names than localhost would have to be asked for. */
  #keyFor({ host, port }: Address): string | undefined {
    const hosts = host.toLowerCase() === 'localhost' ? LOOPBACK : [host]
    return hosts.map((one) => keyOf({ host: one, port })).find((key) => this.#sockets.has(key))
  }

  /** @throws EdgeError invalid_config: clients of a socket that nobody accepts from would hang */
  checkAllUsed({ listen, admin }: Pick<EdgeConf, 'listen' | 'admin'>): void {
    const wanted = new Set([...listen, admin.listen].map((address) => this.#keyFor(address)))
    const unused = [...this.#sockets.keys()].filter((key) => !wanted.has(key))
    if (unused.length === 0) return
    const message = `neither listen nor admin_listen names the socket ${unused.join(', ')}, which is handed over (ListenStream= of systemd's socket unit)`
    throw new EdgeError('invalid_config', message)
  }
}

function openSocket(fd: number): { key: string; socket: Socket } {
  try {
    const socket = new Socket({ fd, readable: false, writable: false })
    const bound = socket.address()
    if ('address' in bound) return { key: keyOf({ host: bound.address, port: bound.port }), socket }
  } catch (cause) {
    throw new EdgeError('invalid_config', `descriptor ${fd} is no socket: ${cause}`, { cause })
  }
  throw new EdgeError('invalid_config', `descriptor ${fd} is no TCP socket that listens`)
}

/** `host:port`, IPv6 addresses in one spelling. */
function keyOf({ host, port }: Address): string {
  if (!host.includes(':')) return formatAddress({ host, port })
  const { address } = new SocketAddress({ address: host, family: 'ipv6' })
  return formatAddress({ host: address, port })
}
