import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Address } from '../../src/client/address.ts'
import type { ContentFaults } from '../../src/embedded/content-faults.ts'

export type System = 'fastdfs' | 'mogilefs'

export interface StoreArgument {
  readonly system: System
  readonly dataDir: string
  readonly tracker: Address
  /** FastDFS: the last one is the only one of group2, all others are of group1. */
  readonly storages: readonly Address[]
}

/** What a tracker says in place of the truth. */
export type LieName =
  /** Addresses where no storage is. */
  | 'unlisted'
  /** Storages that do not have the file. */
  | 'elsewhere'
  /** The replicas of another file. */
  | 'otherFile'

export interface FaultOrder {
  readonly of: 'tracker' | 'storage'
  readonly faults: ContentFaults
  readonly lie?: LieName
}

const MAIN = fileURLToPath(new URL('store-main.ts', import.meta.url))

/** An embedded store in a process of its own, on the same ports each time that it is started. */
export class StoreProcess {
  readonly #argument: StoreArgument
  #child: ChildProcess | undefined
  #isFaulty = false
  #isSuspended = false

  constructor(argument: StoreArgument) {
    this.#argument = argument
  }

  async start(): Promise<void> {
    const child = fork(MAIN, [JSON.stringify(this.#argument)], { execArgv: [] })
    this.#child = child
    const ended = once(child, 'exit').then(([code, signal]) => {
      throw new Error(`a store ended with ${code ?? signal} before it was ready`)
    })
    ended.catch(() => undefined)
    await Promise.race([once(child, 'message'), ended])
  }

  async kill(): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Resolves when it runs no longer: connections are still accepted, by the kernel. */
  async suspend(): Promise<void> {
    this.#isSuspended = true
    this.#child?.kill('SIGSTOP')
    while (!/\) T /.test(await readFile(`/proc/${this.#child?.pid}/stat`, 'utf8')));
  }

  async order(order: FaultOrder): Promise<void> {
    this.#isFaulty = true
    const child = this.#child
    if (child === undefined) throw new Error('the store does not run')
    const done = once(child, 'message')
    child.send(order)
    await done
  }

  /** As if nothing had happened. */
  async heal(): Promise<void> {
    if (this.#isSuspended) this.#child?.kill('SIGCONT')
    this.#isSuspended = false
    if (this.#child === undefined) await this.start()
    else if (this.#isFaulty) {
      await this.order({ of: 'tracker', faults: {} })
      await this.order({ of: 'storage', faults: {} })
    }
    this.#isFaulty = false
  }
}
