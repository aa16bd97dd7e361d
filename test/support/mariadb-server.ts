import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Address } from '../../src/client/address.ts'

const HOST = '127.0.0.1'
const DEADLINE_MS = 60_000
const LOG_MAX = 4000
/** Debian has mariadbd where only root looks for programs. */
const ENV = { ...process.env, PATH: `${process.env['PATH']}${delimiter}/usr/sbin` }
/** mariadbd will not run as root unless it is told to. */
const AS_ROOT = process.getuid?.() === 0 ? ['--user=root'] : []

/** However this process ends, no server is left behind. */
const ENDED_WITH_US = ['--pdeathsig', 'KILL']

/** What makes a database small and quick that nobody will miss. */
const SMALL = [
  '--innodb-buffer-pool-size=24M',
  '--innodb-log-file-size=4M',
  // Written, though not to the disk: what a killed server was told it still knows.
  '--innodb-flush-log-at-trx-commit=2',
  '--innodb-doublewrite=0',
  '--innodb-use-native-aio=0',
  '--sync-binlog=0',
  '--aria-pagecache-buffer-size=4M',
  '--key-buffer-size=1M',
  '--performance-schema=0',
]

/** Makes a data folder with the system's tables and runs statements in it, without a server. */
export async function installMariadb(folder: string, sql: string): Promise<void> {
  await Promise.all([folder, temporaryOf(folder)].map((path) => mkdir(path, { recursive: true })))
  const file = `${folder}.sql`
  await writeFile(file, sql)
  const args = [
    '--no-defaults',
    `--datadir=${folder}`,
    `--tmpdir=${temporaryOf(folder)}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
    '--innodb-log-file-size=4M',
    '--character-set-server=utf8mb4',
    `--extra-file=${file}`,
  ]
  await promisify(execFile)('mariadb-install-db', args, { env: ENV, timeout: DEADLINE_MS })
}

/** A server that starts deletes the temporary tables of all that share this folder with it. */
function temporaryOf(folder: string): string {
  return `${folder}.tmp`
}

export interface MariadbServerOptions {
  /** Differs between servers that replicate. */
  readonly id: number
  readonly port: number
  readonly args?: readonly string[]
}

/** One mariadbd on loopback, ended by its process id. */
export class MariadbServer {
  readonly folder: string
  readonly port: number
  readonly address: Address
  /** Root comes in here without a password. */
  readonly socketPath: string
  readonly #options: MariadbServerOptions
  #process: ChildProcess | undefined
  #log = ''

  constructor(folder: string, options: MariadbServerOptions) {
    this.folder = folder
    this.port = options.port
    this.address = { host: HOST, port: options.port }
    this.socketPath = `${folder}.sock`
    this.#options = options
  }

  /** `host:port`. */
  get host(): string {
    return `${HOST}:${this.port}`
  }

  /** The end of what it said. */
  get log(): string {
    return this.#log
  }

  /** Resolves when connections are served. */
  async start(): Promise<void> {
    await mkdir(temporaryOf(this.folder), { recursive: true })
    const child = spawn('setpriv', [...ENDED_WITH_US, 'mariadbd', ...this.#arguments()], {
      env: ENV,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = child
    await this.#untilReady(child)
  }

  async kill(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }

  /** Resolves when none of its threads runs any longer. */
  async suspend(): Promise<void> {
    this.#signal('SIGSTOP')
    const deadline = performance.now() + DEADLINE_MS
    while (!(await this.#isStopped())) {
      if (performance.now() > deadline) throw new Error(`${this.folder} cannot be stopped`)
    }
  }

  resume(): void {
    this.#signal('SIGCONT')
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#process?.kill(signal)) throw new Error(`${this.folder} does not run`)
  }

  async #isStopped(): Promise<boolean> {
    const tasks = `/proc/${this.#process?.pid}/task`
    const threads = await readdir(tasks)
    const stats = threads.map((thread) =>
      readFile(`${tasks}/${thread}/stat`, 'utf8').catch(() => ''),
    )
    return (await Promise.all(stats)).every((stat) => /\) T /.test(stat))
  }

  #arguments(): string[] {
    const { id, port, args = [] } = this.#options
    return [
      '--no-defaults',
      ...AS_ROOT,
      `--datadir=${this.folder}`,
      `--tmpdir=${temporaryOf(this.folder)}`,
      `--socket=${this.socketPath}`,
      `--pid-file=${join(this.folder, 'mariadbd.pid')}`,
      `--bind-address=${HOST}`,
      `--port=${port}`,
      `--server-id=${id}`,
      '--log-bin=bin',
      '--relay-log=relay',
      '--binlog-format=ROW',
      '--skip-name-resolve',
      '--log-warnings=1',
      '--character-set-server=utf8mb4',
      '--collation-server=utf8mb4_general_ci',
      '--max-connections=300',
      ...SMALL,
      ...args,
    ]
  }

  #untilReady(child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (why: string): void => {
        clearTimeout(timer)
        reject(new Error(`mariadbd in ${this.folder} ${why}\n${this.#log}`))
      }
      const timer = setTimeout(() => fail('is not ready in time'), DEADLINE_MS)
      child.once('error', (error) => fail(`cannot be started: ${error.message}`))
      child.once('exit', (code, signal) => fail(`ended with ${code ?? signal}`))
      let said = ''
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = (this.#log + text).slice(-LOG_MAX)
        said = (said + text).slice(-LOG_MAX)
        if (!said.includes('ready for connections')) return
        clearTimeout(timer)
        resolve()
      })
    })
  }
}
