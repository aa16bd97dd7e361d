import { isIPv4 } from 'node:net'
import { Turns } from '../transfer/turns.ts'
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from './server-limits.ts'

/** At a time. */
const REFUSALS_MAX = 256
/** Bytes: some 3 ms. */
const SENT_PER_ROUND = 1024 * 1024

/** What an edge process takes on, over all its listeners. */
export class ClientBounds {
  /** Answers that are waited for or streamed. */
  readonly requests: Admission
  readonly connections: Admission
  /** Connections over the bound that are told so; still more are closed without a word. */
  readonly refusals: Admission
  /** Whose turn it is to send of a long answer, in bytes. */
  readonly turns = new Turns(SENT_PER_ROUND)

  constructor(limits: Partial<ServerLimits> = {}) {
    const { maxRequests, maxRequestsPerClient, ...of } = { ...DEFAULT_SERVER_LIMITS, ...limits }
    this.requests = new Admission({ max: maxRequests, maxPerClient: maxRequestsPerClient })
    this.connections = new Admission({
      max: of.maxConnections,
      maxPerClient: of.maxConnectionsPerClient,
    })
    const max = Math.min(REFUSALS_MAX, Math.ceil(of.maxConnections / 2))
    this.refusals = new Admission({ max, maxPerClient: 0 })
  }
}

export interface AdmissionLimits {
  readonly max: number
  /** 0: as many as there may be at all. */
  readonly maxPerClient: number
}

/** Counts what clients have under way, all of it and that of each client. */
export class Admission {
  readonly #max: number
  readonly #clients: ClientCounts
  #count = 0

  constructor({ max, maxPerClient }: AdmissionLimits) {
    this.#max = max
    this.#clients = new ClientCounts(maxPerClient)
  }

  get count(): number {
    return this.#count
  }

  /**
   * False: one more than there may be, and not counted.
   * @param client its address; undefined: nobody has said whose it is
   */
  enter(client: string | undefined): boolean {
    if (this.#count >= this.#max) return false
    if (client !== undefined && !this.#clients.enter(client)) return false
    this.#count++
    return true
  }

  leave(client: string | undefined): void {
    if (client !== undefined) this.#clients.leave(client)
    this.#count--
  }
}

/** How many of something each client has. */
export class ClientCounts {
  readonly #max: number
  readonly #counts = new Map<string, number>()

  /** @param max 0: no bound */
  constructor(max: number) {
    this.#max = max
  }

  /** False: one more than there may be, and not counted. */
  enter(address: string): boolean {
    if (this.#max === 0) return true
    const client = clientOf(address)
    const count = this.#counts.get(client) ?? 0
    if (count >= this.#max) return false
    this.#counts.set(client, count + 1)
    return true
  }

  leave(address: string): void {
    if (this.#max === 0) return
    const client = clientOf(address)
    const count = this.#counts.get(client) ?? 0
    if (count > 1) this.#counts.set(client, count - 1)
    else this.#counts.delete(client)
  }
}

const MAPPED_IPV4 = /^::ffff:([\d.]+)$/i
const NETWORK_GROUPS = 4

/** Whoever has one address of an IPv6 network of 64 bits has all of them. */
export function clientOf(address: string): string {
  const [, mapped] = MAPPED_IPV4.exec(address) ?? []
  if (mapped !== undefined) return mapped
  if (isIPv4(address) || !address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const [before, after] = [head, tail ?? ''].map((part) => part.split(':').filter(Boolean))
  const zeros = tail === undefined ? 0 : 8 - (before?.length ?? 0) - (after?.length ?? 0)
  const groups = [
    ...(before ?? []),
    ...Array<string>(Math.max(0, zeros)).fill('0'),
    ...(after ?? []),
  ]
  const network = groups.slice(0, NETWORK_GROUPS).map((group) => group.replace(/^0+(?=.)/, ''))
  return `${network.join(':')}::/64`
}
