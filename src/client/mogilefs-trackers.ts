import { asEdgeError, EdgeError } from '../errors.ts'
import type { Arguments } from '../wire/mogilefs/arguments.ts'
import { answerError } from '../wire/mogilefs/errors.ts'
import type { Answer } from '../wire/mogilefs/line.ts'
import { type Address, formatAddress } from './address.ts'
import { type FirstAnswerOptions, firstAnswer } from './first-answer.ts'
import type { HostHealth } from './host-health.ts'
import type { MogilefsCommand, MogilefsExchange } from './mogilefs-exchange.ts'
import {
  isSettled,
  type Judged,
  judge,
  noTracker,
  settle,
  type TrackerOutcome,
} from './mogilefs-verdict.ts'

/** Questions that change nothing, in one round trip. */
export interface TrackerQuestion<T> {
  readonly commands: readonly MogilefsCommand[]
  /** Undefined: the answers do not belong together, it is asked once more. */
  judge(answers: readonly Answer[], host: string): Judged<T> | undefined
  /** What of a judged answer may be used. @throws EdgeError where another tracker may do better */
  vet?: ((value: T, host: string) => Promise<T>) | undefined
}

export interface MogilefsTrackersOptions
  extends Omit<FirstAnswerOptions<never>, 'signal' | 'discard' | 'isOneAbsentEnough'> {
  readonly trackers: readonly Address[]
  readonly health: HostHealth
  readonly exchange: MogilefsExchange
}

interface Told {
  readonly host: string
  readonly answer: Answer
}

/**
 * The trackers of a cluster in the order of their health. A question goes to the next one where one
 * fails or is silent; a command that changes something only if it cannot have been carried out.
 */
export class MogilefsTrackers {
  readonly #options: MogilefsTrackersOptions

  constructor(options: MogilefsTrackersOptions) {
    this.#options = options
  }

  async ask<T>(question: TrackerQuestion<T>, signal: AbortSignal): Promise<TrackerOutcome<T>> {
    const candidates = this.#ordered().map((tracker) => ({
      host: formatAddress(tracker),
      ask: (attempt: AbortSignal) => this.#askOne(tracker, question, attempt),
    }))
    const options = { ...this.#options, isOneAbsentEnough: true, signal }
    const outcome = await firstAnswer(candidates, options)
    if (outcome.answer !== undefined) return outcome
    // Where all fail, it is the question or the database, and not the trackers, that is to blame.
    for (const { code, host } of outcome.failures) {
      if (code === 'refused_by_server' && host !== undefined) this.#options.health.succeeded(host)
    }
    return outcome
  }

  /** One command about a key or a domain. @throws EdgeError no_tracker, refused_by_server */
  async read<T>(
    command: MogilefsCommand,
    decode: (args: Arguments) => T,
    signal: AbortSignal,
  ): Promise<T | 'no_key' | 'no_domain'> {
    const judgeOne = (
      [answer]: readonly Answer[],
      host: string,
    ): Judged<T | 'no_key'> | undefined => answer && judge(answer, host, decode)
    const outcome = await this.ask({ commands: [command], judge: judgeOne }, signal)
    return settle(outcome, command.name)
  }

  /** One command about no key and no domain. */
  async readList<T>(
    command: MogilefsCommand,
    decode: (args: Arguments) => readonly T[],
    signal: AbortSignal,
  ): Promise<readonly T[]> {
    const found = await this.read(command, decode, signal)
    if (typeof found !== 'string') return found
    throw new EdgeError('protocol_error', `a tracker answered ${command.name} with ${found}`)
  }

  /**
   * A command that changes something.
   * @throws EdgeError refused_by_server; no_tracker when it was not sent; timeout, connection_lost or
   *   protocol_error when nobody knows whether it was carried out
   */
  async change(command: MogilefsCommand, signal: AbortSignal): Promise<Arguments> {
    const { host, answer } = await this.#tell(command, signal)
    if (answer.kind === 'ok') return answer.args
    throw answerError(answer.code, answer.text, host)
  }

  /** The same of a key: false where there is none. */
  async changeKey(command: MogilefsCommand, signal: AbortSignal): Promise<boolean> {
    const { host, answer } = await this.#tell(command, signal)
    if (answer.kind === 'ok') return true
    if (answer.code === 'unknown_key' || answer.code === 'invalid_key') return false
    throw answerError(answer.code, answer.text, host)
  }

  async #askOne<T>(
    tracker: Address,
    question: TrackerQuestion<T>,
    signal: AbortSignal,
  ): Promise<Judged<T>> {
    const host = formatAddress(tracker)
    for (let tries = 0; tries < 2; tries += 1) {
      const answers = await this.#options.exchange.ask(tracker, question.commands, signal)
      const judged = question.judge(answers, host)
      if (judged !== undefined) return vetted(judged, question, host)
    }
    const message = `${host} gave answers that do not belong together`
    throw new EdgeError('protocol_error', message, { host })
  }

  async #tell(command: MogilefsCommand, signal: AbortSignal): Promise<Told> {
    const failures: EdgeError[] = []
    let told: Told | undefined
    for (const tracker of this.#ordered()) {
      try {
        told = await this.#tellOne(tracker, command, signal)
        if (isSettled(command, told.answer)) return told
      } catch (thrown) {
        const error = asEdgeError(thrown)
        if (error.code !== 'connect_failed') throw error
        failures.push(error)
      }
    }
    if (told !== undefined) return told
    throw noTracker(command.name, failures)
  }

  async #tellOne(tracker: Address, command: MogilefsCommand, signal: AbortSignal): Promise<Told> {
    const { exchange, health, observe } = this.#options
    const host = formatAddress(tracker)
    try {
      const answer = await exchange.tell(tracker, command, signal)
      health.succeeded(host)
      return { host, answer }
    } catch (thrown) {
      const error = asEdgeError(thrown)
      if (error.code === 'aborted') throw error
      health.failed(host)
      observe({ type: 'host_failed', host, error })
      throw error
    }
  }

  #ordered(): readonly Address[] {
    return this.#options.health.order(this.#options.trackers, formatAddress)
  }
}

async function vetted<T>(
  judged: Judged<T>,
  { vet }: TrackerQuestion<T>,
  host: string,
): Promise<Judged<T>> {
  if (vet === undefined || judged === null || 'refusal' in judged) return judged
  return { value: await vet(judged.value, host) }
}
