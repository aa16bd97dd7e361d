import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { waitFor } from './wait-for.ts'

const LAUNCHER = fileURLToPath(new URL('../../src/app/launcher.js', import.meta.url))

interface Ports {
  readonly port: number
  readonly adminPort: number
}

interface TestContext {
  after(fn: () => unknown): void
}

export interface Surroundings {
  /** A program that becomes the edge, such as `prlimit`, and its arguments. */
  readonly wrapper?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

/** A `dfs-edge serve` with its own edge.conf. */
export class ServeProcess {
  readonly port: number
  readonly adminPort: number
  readonly folder: string
  readonly #child: ChildProcess
  #log = ''

  private constructor(folder: string, ports: Ports, { wrapper = [], env = {} }: Surroundings) {
    this.folder = folder
    this.port = ports.port
    this.adminPort = ports.adminPort
    const command = [...wrapper, process.execPath, LAUNCHER, 'serve', '--conf', this.confPath]
    const [program = '', ...args] = command
    this.#child = spawn(program, args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
    })
  }

  /** @param settings lines of its edge.conf, but for the addresses that it listens on */
  static async start(
    t: TestContext,
    settings: string,
    surroundings: Surroundings = {},
  ): Promise<ServeProcess> {
    const folder = await temporaryFolder(t)
    const ports = { port: await freePort(), adminPort: await freePort() }
    await writeFile(join(folder, 'edge.conf'), confOf(ports, settings))
    const serve = new ServeProcess(folder, ports, surroundings)
    t.after(() => serve.stop('SIGKILL'))
    await waitFor(
      'serve',
      () => serve.says('serving') || serve.#child.exitCode !== null,
      () => serve.log,
    )
    return serve
  }

  get confPath(): string {
    return join(this.folder, 'edge.conf')
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  get admin(): string {
    return `http://127.0.0.1:${this.adminPort}`
  }

  get log(): string {
    return this.#log
  }

  get pid(): number {
    return this.#child.pid ?? 0
  }

  /** Process ids of its edge processes. */
  get workers(): number[] {
    const path = `/proc/${this.pid}/task/${this.pid}/children`
    return readFileSync(path, 'utf8').trim().split(' ').filter(Boolean).map(Number)
  }

  says(message: string, times = 1): boolean {
    return this.#log.split(`"msg":"${message}"`).length > times
  }

  async configure(settings: string, { port, adminPort }: Ports = this): Promise<void> {
    await writeFile(this.confPath, confOf({ port, adminPort }, settings))
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** As a program does that its standard error was piped into, and that has ended. */
  stopReading(): void {
    this.#child.stderr?.destroy()
  }

  /** SIGHUP, until it says what came of it. */
  async reload(message = 'serving as newly configured'): Promise<void> {
    const before = this.#log.split(`"msg":"${message}"`).length - 1
    this.signal('SIGHUP')
    await waitFor(
      message,
      () => this.says(message, before + 1),
      () => this.#log,
    )
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const { exitCode, signalCode } = this.#child
    if (exitCode !== null || signalCode !== null) return exitCode
    const closed = once(this.#child, 'close')
    this.#child.kill(signal)
    const [code] = await closed
    return code
  }
}

function confOf({ port, adminPort }: Ports, settings: string): string {
  return `listen = 127.0.0.1:${port}\nadmin_listen = 127.0.0.1:${adminPort}\n${settings}\n`
}
