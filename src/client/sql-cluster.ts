import { EdgeError } from '../errors.ts'
import type { Observe } from './events.ts'
import { firstAnswer } from './first-answer.ts'
import type { HostHealth } from './host-health.ts'
import type { SqlAddress } from './sql-connection.ts'
import { SqlServer, type SqlServerOptions } from './sql-server.ts'

export interface SqlClusterOptions extends SqlServerOptions {
  /** The first one is the primary unless it may only be read, as the others are. */
  readonly servers: readonly SqlAddress[]
  readonly hedgeMs: number
  readonly health: HostHealth
  readonly observe: Observe
}

export type SqlQuestion<T> = (server: SqlServer, signal: AbortSignal) => Promise<T>

export interface SqlAnswer<T> {
  readonly value: T
  /** What a replica does not know may be on its way to it; what the primary does not know is not. */
  readonly isFromPrimary: boolean
}

/**
 * A primary and its read replicas. A server that fails, or is silent for `hedgeMs`, is passed by and
 * asked after the others until it recovers.
 */
export class SqlCluster {
  readonly servers: readonly SqlServer[]
  readonly #primary: SqlServer
  readonly #replicas: readonly SqlServer[]
  readonly #options: SqlClusterOptions

  /** Connects to nobody yet. @throws EdgeError invalid_config without a server */
  constructor(options: SqlClusterOptions) {
    const [primary, ...replicas] = options.servers.map((server) => new SqlServer(server, options))
    if (primary === undefined) throw new EdgeError('invalid_config', 'there is no database server')
    this.servers = [primary, ...replicas]
    this.#primary = primary
    this.#replicas = replicas
    this.#options = options
  }

  /** False where the first server may only be read; undefined while it has not said. */
  get hasPrimary(): boolean | undefined {
    return this.#primary.isWritable
  }

  /** The replica that was used least, then the others, then the primary. */
  ask<T>(question: SqlQuestion<T>, signal: AbortSignal): Promise<SqlAnswer<T>> {
    const replicas = this.#options.health.order(this.#replicas, ({ host }) => host)
    return this.#askInOrder([...replicas, this.#primary], question, { signal })
  }

  /** The primary unless it is failing, then the replicas, each after a longer silence. */
  askPrimaryFirst<T>(
    question: SqlQuestion<T>,
    signal: AbortSignal,
    hedgeMs: number,
  ): Promise<SqlAnswer<T>> {
    return this.#askInOrder(this.servers, question, { signal, hedgeMs })
  }

  /** Undefined where there is no primary. @throws EdgeError no_tracker, aborted */
  async askPrimary<T>(question: SqlQuestion<T>, signal: AbortSignal): Promise<T | undefined> {
    if (this.hasPrimary === false) return undefined
    const { value, isFromPrimary } = await this.#askInOrder([this.#primary], question, {
      signal,
    })
    return isFromPrimary ? value : undefined
  }

  /** Closes connections that have been idle or open for too long. */
  sweep(): void {
    for (const server of this.servers) server.sweep()
  }

  close(): void {
    for (const server of this.servers) server.close()
  }

  async #askInOrder<T>(
    servers: readonly SqlServer[],
    question: SqlQuestion<T>,
    { signal, hedgeMs = this.#options.hedgeMs }: { signal: AbortSignal; hedgeMs?: number },
  ): Promise<SqlAnswer<T>> {
    const { health, observe } = this.#options
    const candidates = health
      .demote(servers, ({ host }) => host)
      .map((server) => ({
        host: server.host,
        ask: async (attempt: AbortSignal) => ({ server, value: await question(server, attempt) }),
      }))
    const outcome = await firstAnswer(candidates, { signal, hedgeMs, health, observe })
    if (outcome.answer === undefined) throw noAnswer(outcome.failures)
    const { server, value } = outcome.answer.value
    const isFromPrimary = server === this.#primary && server.isWritable === true
    return { value, isFromPrimary }
  }
}

function noAnswer(failures: readonly EdgeError[]): EdgeError {
  const [first] = failures
  return new EdgeError('no_tracker', 'no database server answered', { cause: first })
}
