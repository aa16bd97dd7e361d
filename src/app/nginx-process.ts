import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { CommandError, describeError } from './exit-code.ts'
import { nginxCommand } from './nginx-program.ts'
import { DRAIN_MS } from './until-signal.ts'

const START_MS = 10_000
const LOOK_MS = 10
const TERM_MS = 2000

/** An nginx with a prefix of its own in the foreground, as a child of this process. */
export class NginxProcess {
  /** Rejects when nginx ends and nobody has asked it to. */
  readonly failed: Promise<never>
  readonly #child: ChildProcess
  readonly #prefix: string
  #isStopping = false

  private constructor(child: ChildProcess, prefix: string) {
    this.#child = child
    this.#prefix = prefix
    this.failed = this.#untilFailed()
    // It may happen when nobody listens yet, or any more.
    this.failed.catch(() => undefined)
  }

  /**
   * Starts PREFIX/conf/nginx.conf, which says `daemon off` and `pid nginx.pid`.
   * @throws CommandError with what nginx said, when it does not start
   */
  static async start(program: string, prefix: string): Promise<NginxProcess> {
    await rm(join(prefix, 'nginx.pid'), { force: true })
    const [command, ...args] = nginxCommand(program)
    const conf = ['-p', `${prefix}/`, '-c', join(prefix, 'conf/nginx.conf'), '-e', logOf(prefix)]
    // In a process group of its own: Ctrl-C is meant for this process, which lets nginx end its answers.
    const child = spawn(command, [...args, ...conf], { stdio: 'ignore', detached: true })
    const nginx = new NginxProcess(child, prefix)
    try {
      await Promise.race([nginx.#untilStarted(), nginx.failed])
      return nginx
    } catch (error) {
      await nginx.stop()
      throw error
    }
  }

  /** Lets answers under way end, for as long as the edge does. */
  async stop(): Promise<void> {
    this.#isStopping = true
    if (await this.#endedAfter('SIGQUIT', DRAIN_MS)) return
    if (await this.#endedAfter('SIGTERM', TERM_MS)) return
    // The workers as well.
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL')
  }

  get #hasEnded(): boolean {
    const { pid, exitCode, signalCode } = this.#child
    return pid === undefined || exitCode !== null || signalCode !== null
  }

  async #untilFailed(): Promise<never> {
    await once(this.#child, 'exit').catch((cause) => {
      throw new CommandError(`cannot run nginx: ${describeError(cause)}`)
    })
    if (this.#isStopping) return new Promise(() => undefined)
    throw new CommandError(`nginx has ended: ${await this.#lastWords()}`)
  }

  /** Its pid is written when the port is its own. */
  async #untilStarted(): Promise<void> {
    const deadline = performance.now() + START_MS
    while (!(await this.#hasWrittenPid())) {
      if (this.#hasEnded) return this.failed
      if (performance.now() > deadline) {
        throw new CommandError(`nginx does not start: ${await this.#lastWords()}`)
      }
      await wait(LOOK_MS)
    }
  }

  async #hasWrittenPid(): Promise<boolean> {
    const pid = await readFile(join(this.#prefix, 'nginx.pid'), 'utf8').catch(() => '')
    return Number(pid) === this.#child.pid
  }

  async #lastWords(): Promise<string> {
    const log = logOf(this.#prefix)
    const text = await readFile(log, 'utf8').catch(() => '')
    return /\[(?:emerg|alert|crit)\].*/.exec(text)?.[0] ?? `see ${log}`
  }

  async #endedAfter(signal: NodeJS.Signals, ms: number): Promise<boolean> {
    if (this.#hasEnded) return true
    const deadline = AbortSignal.timeout(ms)
    const ended = once(this.#child, 'exit', { signal: deadline })
    this.#child.kill(signal)
    return ended.then(
      () => true,
      () => false,
    )
  }
}

function logOf(prefix: string): string {
  return join(prefix, 'logs/error.log')
}
