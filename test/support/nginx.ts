import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { createNginxFiles } from '../../src/app/nginx-files.ts'
import type { EdgeConf } from '../../src/config/index.ts'

const DEADLINE_MS = 20_000
const LOG_CHARS = 20_000
/** TEST_NGINX and TEST_NGINX_MODULES: another nginx than Debian's, and the folder of its modules. */
const PROGRAM =
  process.env['TEST_NGINX'] ??
  ['/usr/sbin/nginx', '/usr/local/sbin/nginx'].find((path) => existsSync(path))
const MODULES = process.env['TEST_NGINX_MODULES'] ?? '/usr/lib/nginx/modules'

export type NginxModule = 'js' | 'image_filter'

export function loadModule(name: NginxModule): string {
  return `load_module ${MODULES}/ngx_http_${name}_module.so;\n`
}

export interface NginxOptions {
  /** A folder of its own; nginx's workers may be of another user. */
  readonly folder: string
  readonly modules?: readonly NginxModule[]
  /** Inside the http block. */
  readonly http: string
  /** In front of it. */
  readonly main?: string
}

/** Writes what `dfs-edge nginx` writes, and returns the folder of the includes. */
export async function writeIncludes(
  conf: EdgeConf,
  folder: string,
  edit: (text: string) => string = (text) => text,
): Promise<string> {
  const dir = join(folder, 'dfs-edge')
  for (const { name, content, isSecret } of createNginxFiles(conf, dir)) {
    const path = join(dir, name)
    await mkdir(dirname(path), { recursive: true })
    const edited = typeof content === 'string' ? edit(content) : content
    await writeFile(path, edited, { mode: isSecret ? 0o600 : 0o644 })
  }
  return dir
}

/** One nginx with its own prefix, ended by its process id. */
export class Nginx {
  readonly folder: string
  readonly #confPath: string
  #process: ChildProcess | undefined
  #said = ''

  private constructor(folder: string) {
    this.folder = folder
    this.#confPath = join(folder, 'nginx.conf')
  }

  static async create(options: NginxOptions): Promise<Nginx> {
    const nginx = new Nginx(options.folder)
    await chmod(options.folder, 0o755)
    await nginx.configure(options)
    return nginx
  }

  async configure(options: Omit<NginxOptions, 'folder'>): Promise<void> {
    await writeFile(this.#confPath, formatConf(this.folder, options))
  }

  /** `nginx -t`: what it says, and whether it is content. */
  async test(): Promise<{ isGood: boolean; said: string }> {
    try {
      const { stderr } = await promisify(execFile)(program(), [...this.#arguments(), '-t'])
      return { isGood: !/\[(?:warn|emerg|alert|error)\]/.test(stderr), said: stderr }
    } catch (error) {
      const said = error instanceof Error && 'stderr' in error ? `${error.stderr}` : `${error}`
      return { isGood: false, said }
    }
  }

  /** Resolves when a port of its answers. */
  async start(port: number): Promise<void> {
    const child = spawn(program(), [...this.#arguments(), '-g', 'daemon off;'], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = child
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(-LOG_CHARS)
    })
    const end = (): void => void child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    await untilListening(port, () => {
      if (child.exitCode !== null)
        throw new Error(`nginx ended with ${child.exitCode}: ${this.log}`)
    })
  }

  /** New workers with empty caches in memory; the old ones end when they have answered. */
  reload(): void {
    this.#process?.kill('SIGHUP')
  }

  async stop(): Promise<void> {
    const child = this.#process
    this.#process = undefined
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }

  /** Of the master process. */
  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error('nginx has not been started')
    return pid
  }

  /** What it said, and the end of its error log. */
  get log(): string {
    const path = join(this.folder, 'error.log')
    const logged = existsSync(path) ? readFileSync(path, 'utf8').slice(-LOG_CHARS) : ''
    return `${this.#said}${logged}`
  }

  #arguments(): string[] {
    return ['-p', `${this.folder}/`, '-c', this.#confPath, '-e', join(this.folder, 'error.log')]
  }
}

function program(): string {
  if (PROGRAM === undefined) throw new Error('there is no nginx: apt-get install nginx-light')
  return PROGRAM
}

function formatConf(
  folder: string,
  { modules = [], http, main = '' }: Omit<NginxOptions, 'folder'>,
) {
  const load = modules.map(loadModule)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `${load.join('')}${main}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log warn;
events { worker_connections 1024; }
http {
  access_log off;
  default_type application/octet-stream;
  types { image/jpeg jpg; image/png png; video/mp4 mp4; video/x-flv flv; text/html html; }
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};\n`).join('')}
${http}
}
`
}

async function untilListening(port: number, check: () => void): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  while (!(await isListening(port))) {
    check()
    if (performance.now() > deadline) throw new Error(`nginx does not listen on ${port}`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}
