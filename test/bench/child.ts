import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** CPU time since its start and resident memory of a child. */
export interface Usage {
  readonly cpuMicros: number
  readonly rssBytes: number
}

/** A process of the benchmark, ended with it. */
export class Child<Ready> {
  readonly ready: Ready
  readonly #process: ChildProcess

  private constructor(process: ChildProcess, ready: Ready) {
    this.#process = process
    this.ready = ready
  }

  /** Starts a module of this folder with one JSON argument; it sends what it has to say once. */
  static async start<Ready>(module: string, argument: unknown): Promise<Child<Ready>> {
    const path = fileURLToPath(new URL(module, import.meta.url))
    const child = fork(path, [JSON.stringify(argument)])
    const [ready] = await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code]) => {
        throw new Error(`${module} ended with ${code} before it was ready`)
      }),
    ])
    return new Child(child, ready as Ready)
  }

  async usage(): Promise<Usage> {
    const answered = once(this.#process, 'message')
    this.#process.send('usage')
    const [usage] = await answered
    return usage as Usage
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit')
    this.#process.kill('SIGKILL')
    await ended
  }
}

/** The child's side: the argument it was started with. */
export function childArgument<T>(): T {
  return JSON.parse(process.argv[2] ?? 'null') as T
}

/** The child's side: says that it is ready and answers questions about its usage. */
export function sayReady(ready: unknown): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    const rssBytes = process.memoryUsage.rss()
    process.send?.({ cpuMicros: user + system, rssBytes })
  })
  process.on('disconnect', () => process.exit())
  process.send?.(ready)
}
