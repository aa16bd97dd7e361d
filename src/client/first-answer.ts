import { asEdgeError, type EdgeError } from '../errors.ts'
import { abortedError } from './connection.ts'
import type { Observe } from './events.ts'
import type { HostHealth } from './host-health.ts'
import { afterSilence } from './silence.ts'
import { unlessHung } from './unless-hung.ts'

/** One host that may answer a question. */
export interface Candidate<T> {
  readonly host: string
  /** Null is the host's word that it does not have what is asked for. */
  ask(signal: AbortSignal): Promise<T | null>
  /** Where others may know less: this one is waited for, unless it answers no ping either. */
  ping?(signal: AbortSignal): Promise<void>
}

export interface FirstAnswerOptions<T> {
  readonly signal: AbortSignal
  /** After this silence the next host is asked too, while the first may still win. */
  readonly hedgeMs: number
  readonly health: Pick<HostHealth, 'succeeded' | 'failed' | 'isFailing'>
  readonly observe: Observe
  /** True: "not here" of one is enough where all others fail, or are silent for long enough. */
  readonly isOneAbsentEnough?: boolean
  /** Nobody else is to be asked after it. */
  isFinal?(error: EdgeError): boolean
  /** An answer that came after another one had won. */
  discard?(answer: T): void
}

/** Who answered what. Without `answer` every candidate that was asked is in `absent` or in `failures`. */
export interface Outcome<T> {
  readonly answer?: { readonly host: string; readonly value: T }
  /** Hosts that said "not here". */
  readonly absent: readonly string[]
  readonly failures: readonly EdgeError[]
}

/**
 * Asks candidates in their order until one answers: the next one at once where one fails or says
 * "not here", and after `hedgeMs` where one is silent (hangs, if it can be pinged). So n bad hosts cost at most
 * n * hedgeMs.
 * @throws EdgeError aborted
 */
export function firstAnswer<T>(
  candidates: readonly Candidate<T>[],
  options: FirstAnswerOptions<T>,
): Promise<Outcome<T>> {
  return new Promise((resolve, reject) => {
    new Race(candidates, options, { resolve, reject }).start()
  })
}

/** More patience is due with those who may know what another one does not, or in vain. */
export const PATIENT_HEDGES = 5

/** Wrong content is a matter of one file; what this process has no room for is none of the host's. */
const BLAMELESS: ReadonlySet<string> = new Set(['wrong_content', 'overloaded'])

interface Settle<T> {
  resolve(outcome: Outcome<T>): void
  reject(error: unknown): void
}

class Race<T> {
  readonly #left: Candidate<T>[]
  readonly #options: FirstAnswerOptions<T>
  readonly #settle: Settle<T>
  readonly #running = new Map<Candidate<T>, AbortController>()
  readonly #silent = new Set<string>()
  readonly #absent: string[] = []
  readonly #failures: EdgeError[] = []
  readonly #failedHosts: string[] = []
  #callOff = (): void => {}
  #isOver = false

  constructor(
    candidates: readonly Candidate<T>[],
    options: FirstAnswerOptions<T>,
    settle: Settle<T>,
  ) {
    this.#left = [...candidates]
    this.#options = options
    this.#settle = settle
  }

  start(): void {
    const { signal } = this.#options
    signal.addEventListener('abort', this.#abort)
    if (signal.aborted) this.#abort()
    else this.#askNext()
  }

  #askNext(): void {
    this.#callOff()
    const candidate = this.#left.shift()
    if (candidate === undefined) {
      if (this.#running.size === 0) this.#giveUp()
      else this.#limitPatience()
      return
    }
    const controller = new AbortController()
    this.#running.set(candidate, controller)
    if (this.#left.length === 0) {
      this.#limitPatience()
    } else if (candidate.ping === undefined) {
      this.#callOff = afterSilence(this.#options.hedgeMs, () => this.#hedge(candidate.host))
    }
    this.#ask(candidate, controller.signal).then(
      (value) => this.#answered(candidate, value),
      (error) => this.#failed(candidate, error),
    )
  }

  #ask({ host, ask, ping }: Candidate<T>, signal: AbortSignal): Promise<T | null> {
    if (ping === undefined) return ask(signal)
    return unlessHung(ask, ping, { host, signal, patienceMs: this.#options.hedgeMs })
  }

  #hedge(host: string): void {
    this.#silent.add(host)
    this.#options.observe({ type: 'host_silent', host })
    this.#askNext()
  }

  /** Of those who are known to fail nobody need be sure for long that they stay silent. */
  #limitPatience(): void {
    const { isOneAbsentEnough = false, hedgeMs, health } = this.#options
    if (!isOneAbsentEnough || this.#absent.length === 0) return
    const silent = Array.from(this.#running.keys(), ({ host }) => host)
    const hedges = silent.every((host) => health.isFailing(host)) ? 1 : PATIENT_HEDGES
    this.#callOff = afterSilence(hedges * hedgeMs, () => {
      for (const host of silent) health.failed(host)
      this.#giveUp()
    })
  }

  #giveUp(): void {
    this.#finish({ absent: this.#absent, failures: this.#failures })
  }

  #answered(candidate: Candidate<T>, value: T | null): void {
    const { host } = candidate
    this.#running.delete(candidate)
    if (this.#isOver) {
      if (value !== null) this.#options.discard?.(value)
      return
    }
    this.#options.health.succeeded(host)
    this.#silent.delete(host)
    if (value === null) {
      this.#absent.push(host)
      this.#askNext()
      return
    }
    // Whoever is still silent while a later one has answered is asked last for a while.
    for (const silent of this.#silent) this.#options.health.failed(silent)
    for (const from of [...this.#failedHosts, ...this.#silent]) {
      this.#options.observe({ type: 'failed_over', from, to: host })
    }
    this.#finish({ answer: { host, value }, absent: this.#absent, failures: this.#failures })
  }

  #failed(candidate: Candidate<T>, thrown: unknown): void {
    const { host } = candidate
    this.#running.delete(candidate)
    if (this.#isOver) return
    try {
      const error = asEdgeError(thrown)
      if (!BLAMELESS.has(error.code)) this.#options.health.failed(host)
      this.#options.observe({ type: 'host_failed', host, error })
      this.#failures.push(error)
      this.#failedHosts.push(host)
      this.#silent.delete(host)
      if (this.#options.isFinal?.(error)) this.#giveUp()
      else this.#askNext()
    } catch (bug) {
      this.#end()
      this.#settle.reject(bug)
    }
  }

  readonly #abort = (): void => {
    this.#end()
    this.#settle.reject(abortedError())
  }

  #finish(outcome: Outcome<T>): void {
    this.#end()
    this.#settle.resolve(outcome)
  }

  #end(): void {
    this.#isOver = true
    this.#callOff()
    this.#options.signal.removeEventListener('abort', this.#abort)
    for (const controller of this.#running.values()) controller.abort()
  }
}
