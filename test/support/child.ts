import { type ChildProcess, fork, type Serializable } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** CPU time since its start and resident memory of a child. */
export interface Usage {
  readonly cpuMicros: number
  readonly rssBytes: number
}

/** A process beside this one, ended with it. */
export class Child<Ready> {
  readonly ready: Ready
  readonly #process: ChildProcess

  private constructor(process: ChildProcess, ready: Ready) {
    this.#process = process
    this.ready = ready
  }

  /** Starts a module with one JSON argument; it sends what it has to say once. */
  static async start<Ready>(module: URL, argument: unknown): Promise<Child<Ready>> {
    const path = fileURLToPath(module)
    const child = fork(path, [JSON.stringify(argument)], { execArgv: [] })
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`${path} ended with ${code} before it was ready`)
    })
    ended.catch(() => undefined)
    const [ready] = await Promise.race([once(child, 'message'), ended])
    return new Child(child, ready as Ready)
  }

  usage(): Promise<Usage> {
    return this.ask('usage')
  }

  /** One question at a time. */
  async ask<Answer>(question: unknown): Promise<Answer> {
    const answered = once(this.#process, 'message')
    this.#process.send(question as Serializable)
    const [answer] = await answered
    return answer as Answer
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#process
    if (exitCode !== null || signalCode !== null) return
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
  }
}

/** The child's side: the argument it was started with. */
export function childArgument<T>(): T {
  return JSON.parse(process.argv[2] ?? 'null') as T
}

/** The child's side: says that it is ready and answers questions, if no others then about its usage. */
export function sayReady(
  ready: unknown,
  answer: (question: unknown) => unknown = usageOfThis,
): void {
  process.on('message', async (question) => process.send?.((await answer(question)) ?? null))
  process.on('disconnect', () => process.exit())
  process.send?.(ready)
}

function usageOfThis(): Usage {
  const { user, system } = process.cpuUsage()
  return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() }
}
