import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { formatTable } from '../../src/app/commands/output.ts'
import { freePort } from '../support/free-port.ts'
import { Nginx, type NginxModule } from '../support/nginx.ts'
import type { LoadResult } from './load.ts'
import { MB, type Measured, SECONDS } from './measure.ts'
import { loadByWrk } from './wrk.ts'

/** Pieces of each run, taken in turns: the machine is not the same from second to second. */
const ROUNDS = 3
/** What /proc counts in: a hundredth of a second. */
const TICK_MICROS = 10_000

/** One way of one nginx to give files, on a port of its own. */
export interface Contender {
  readonly name: string
  /** Inside its server block. */
  readonly server: string
  readonly paths: readonly string[]
}

export interface Contest {
  readonly folder: string
  readonly modules?: readonly NginxModule[]
  /** For all of them. */
  readonly http: string
  readonly connections?: number
  /** Of files that take longer than a run: wrk counts whole answers alone. */
  readonly fileBytes?: number
}

interface Count extends LoadResult {
  readonly cpuMicros: number
}

/** Holds contenders against each other: one nginx with one worker, so that it is what all wait for. */
export async function contend(
  contenders: readonly Contender[],
  { folder, modules = [], http, connections = 32, fileBytes }: Contest,
): Promise<Measured[]> {
  await mkdir(folder)
  const ports = await Promise.all(contenders.map(() => freePort()))
  const servers = contenders.map(
    ({ server }, index) => `server {\n  listen 127.0.0.1:${ports[index]};\n${server}\n}\n`,
  )
  // As the examples have it.
  const main = 'pcre_jit on;'
  const nginx = await Nginx.create({ folder, modules, main, http: `${http}\n${servers.join('')}` })
  await nginx.start(ports[0] ?? 0)
  try {
    const run = async ({ paths }: Contender, index: number): Promise<Count> => {
      const before = cpuMicrosOf(nginx.pid)
      const target = { url: `http://127.0.0.1:${ports[index]}`, paths }
      const result = await loadByWrk(target, { connections, seconds: SECONDS / ROUNDS })
      const requests = fileBytes === undefined ? result.requests : result.bytes / fileBytes
      return { ...result, requests, cpuMicros: cpuMicrosOf(nginx.pid) - before }
    }
    return await measureInTurns(contenders, run)
  } finally {
    await nginx.stop()
  }
}

/** With two ratios: that of CPU time is the same on a machine that has other things to do. */
export function printContest(title: string, rows: readonly Measured[]): void {
  const [first] = rows
  const head = ['', 'requests/s', 'MB/s', 'CPU µs/request', 'ratio', 'CPU ratio']
  const table = rows.map((row) => [
    row.name,
    row.requestsPerSecond.toFixed(row.requestsPerSecond < 100 ? 1 : 0),
    (row.bytesPerSecond / MB).toFixed(0),
    row.cpuMicros.toFixed(1),
    (row.requestsPerSecond / (first?.requestsPerSecond ?? 1)).toFixed(2),
    ((first?.cpuMicros ?? 1) / row.cpuMicros).toFixed(2),
  ])
  process.stdout.write(`\n${title}\n${formatTable(head, table)}\n`)
}

async function measureInTurns(
  contenders: readonly Contender[],
  run: (contender: Contender, index: number) => Promise<Count>,
): Promise<Measured[]> {
  const counts = new Map<Contender, Count>()
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const count = await run(contender, index)
      // The first round is for the caches.
      const before = round > 1 ? counts.get(contender) : undefined
      counts.set(contender, before === undefined ? count : add(before, count))
    }
  }
  return Array.from(counts, ([{ name }, { requests, bytes, seconds, cpuMicros }]) => ({
    name,
    requestsPerSecond: requests / seconds,
    bytesPerSecond: bytes / seconds,
    cpuMicros: cpuMicros / requests,
  }))
}

function add(one: Count, other: Count): Count {
  return {
    requests: one.requests + other.requests,
    bytes: one.bytes + other.bytes,
    seconds: one.seconds + other.seconds,
    cpuMicros: one.cpuMicros + other.cpuMicros,
  }
}

/** CPU time of nginx's processes since they were started. */
function cpuMicrosOf(master: number): number {
  const children = readFileSync(`/proc/${master}/task/${master}/children`, 'utf8')
  const pids = children.split(' ').filter((pid) => pid !== '')
  return pids.reduce((sum, pid) => sum + ticksOf(pid), 0) * TICK_MICROS
}

/** utime and stime, the 14th and 15th field; the name before them may hold blanks. */
function ticksOf(pid: string): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}
