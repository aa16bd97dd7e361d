import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'

const LAUNCHER = fileURLToPath(new URL('../../src/app/launcher.js', import.meta.url))
const DEADLINE_MS = 60_000

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `dfs-edge ARGS` to its end. */
export async function run(args: readonly string[], input?: Buffer): Promise<Ran> {
  const child = spawn(process.execPath, [LAUNCHER, ...args], { timeout: DEADLINE_MS })
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, stdout: stdout(), stderr: stderr() }
}

/** A `dfs-edge up` of its own, on free ports. */
export interface Up {
  /** What it says is ready: nginx, or the edge where there is none. */
  readonly url: string
  /** The edge, behind nginx or alone. */
  readonly edgeUrl: string
  /** Its listener for operators. */
  readonly admin: string
  readonly tracker: string
  readonly mogileTracker: string
  readonly stdout: string
  /** What it has said on standard error so far. */
  stderr(): string
  /** Its exit code. */
  readonly ended: Promise<number | null>
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

/** Each flag of `dfs-edge up` that names a port. */
export const UP_FLAGS = [
  'nginx',
  'listen',
  'admin',
  'tracker',
  'storage',
  'mogile-tracker',
  'mogstored',
] as const

export type UpPorts = Readonly<Record<(typeof UP_FLAGS)[number], number>>

export async function freePorts(): Promise<UpPorts> {
  return {
    nginx: await freePort(),
    listen: await freePort(),
    admin: await freePort(),
    tracker: await freePort(),
    storage: await freePort(),
    'mogile-tracker': await freePort(),
    mogstored: await freePort(),
  }
}

export function upArguments(data: string, ports: UpPorts): string[] {
  const flags = UP_FLAGS.flatMap((flag) => [`--${flag}`, `127.0.0.1:${ports[flag]}`])
  return ['up', '--data', data, ...flags]
}

export interface UpOptions {
  /** Behind the others. */
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Of an installed package, instead of the one of the sources. */
  readonly launcher?: string
}

export async function startUp(data: string, ports: UpPorts, options: UpOptions = {}): Promise<Up> {
  const { flags = [], env, cwd, launcher = LAUNCHER } = options
  const args = [launcher, ...upArguments(data, ports), ...flags]
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, ...env } })
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)]
  await untilReady(child, stdout, stderr).catch((error) => {
    child.kill('SIGKILL')
    throw error
  })
  const ended = once(child, 'close').then(([code]): number | null => code)
  const stop = (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    child.kill(signal)
    return ended
  }
  return {
    url: /^ready (.*)$/m.exec(stdout())?.[1] ?? '',
    edgeUrl: `http://127.0.0.1:${ports.listen}/`,
    admin: `http://127.0.0.1:${ports.admin}`,
    tracker: `127.0.0.1:${ports.tracker}`,
    mogileTracker: `127.0.0.1:${ports['mogile-tracker']}`,
    stdout: stdout(),
    stderr,
    ended,
    stop,
  }
}

function untilReady(
  child: ChildProcess,
  stdout: () => string,
  stderr: () => string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => reject(new Error(`${why}\n${stdout()}${stderr()}`))
    const timer = setTimeout(() => fail('not ready in time'), DEADLINE_MS)
    child.once('exit', (code) => fail(`ended with ${code} before it was ready`))
    child.stdout?.on('data', () => {
      if (!/^ready /m.test(stdout())) return
      clearTimeout(timer)
      resolve()
    })
  })
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    text += chunk
  })
  return () => text
}
