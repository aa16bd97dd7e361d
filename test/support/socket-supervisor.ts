import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

const PROGRAM = fileURLToPath(new URL('./socket-supervisor-process.ts', import.meta.url))

interface TestContext {
  after(fn: () => unknown): void
}

/** What was started with the sockets. */
export class Supervised {
  readonly #pid = Promise.withResolvers<number>()
  readonly #code = Promise.withResolvers<number | null>()

  /** Its exit code. */
  get ended(): Promise<number | null> {
    return this.#code.promise
  }

  get pid(): Promise<number> {
    return this.#pid.promise
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    process.kill(await this.pid, signal)
    return this.ended
  }

  /** With all its processes, at once. */
  async kill(): Promise<void> {
    try {
      process.kill(-(await this.pid), 'SIGKILL')
    } catch {
      // It has ended.
    }
    await this.ended
  }

  hear(message: object): void {
    if ('pid' in message) this.#pid.resolve(Number(message.pid))
    if ('code' in message) this.#code.resolve(message.code === null ? null : Number(message.code))
  }
}

/** Holds listening sockets while programs that accept from them come and go, as systemd does. */
export class SocketSupervisor {
  readonly ports: readonly number[]
  readonly #child: ChildProcess
  readonly #started: Supervised[] = []
  #log = ''

  private constructor(ports: readonly number[], fds: readonly number[]) {
    this.ports = ports
    this.#child = spawn(process.execPath, [PROGRAM, String(fds.length)], {
      stdio: ['ignore', 'ignore', 'pipe', ...fds, 'ipc'],
    })
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
    })
    this.#child.on('message', (message: unknown) => this.#hear(message))
  }

  static async start(t: TestContext, sockets: number): Promise<SocketSupervisor> {
    const servers = await Promise.all(Array.from({ length: sockets }, openServer))
    const ports = servers.map(portOf)
    const supervisor = new SocketSupervisor(ports, servers.map(descriptorOf))
    for (const server of servers) server.close()
    t.after(() => supervisor.#end())
    return supervisor
  }

  /** Whatever its programs have said on standard error. */
  get log(): string {
    return this.#log
  }

  says(message: string, times = 1): boolean {
    return this.#log.split(`"msg":"${message}"`).length > times
  }

  run(command: readonly string[]): Supervised {
    const started = new Supervised()
    this.#child.send({ id: this.#started.push(started) - 1, command })
    return started
  }

  #hear(message: unknown): void {
    if (typeof message !== 'object' || message === null || !('id' in message)) return
    this.#started[Number(message.id)]?.hear(message)
  }

  async #end(): Promise<void> {
    const isEnding = once(this.#child, 'exit')
    for (const one of this.#started) await one.kill()
    this.#child.kill('SIGKILL')
    await isEnding
  }
}

async function openServer(): Promise<Server> {
  const server = createServer().listen(await freePort(), '127.0.0.1')
  await once(server, 'listening')
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

export function descriptorOf(server: Server): number {
  const handle: unknown = Reflect.get(server, '_handle')
  const fd: unknown = handle instanceof Object ? Reflect.get(handle, 'fd') : undefined
  if (typeof fd !== 'number') throw new Error('a listening server has no descriptor')
  return fd
}
