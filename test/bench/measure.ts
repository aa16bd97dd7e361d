import { formatTable } from '../../src/app/commands/output.ts'
import type { EdgeConf } from '../../src/config/index.ts'
import { Child } from '../support/child.ts'
import { httpTarget, load, type Target } from './load.ts'

export const MB = 1024 * 1024
export const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5)
/** Until the code is compiled and the caches are full. */
const WARM_UP_SECONDS = SECONDS

export interface Measured {
  readonly name: string
  readonly requestsPerSecond: number
  readonly bytesPerSecond: number
  /** CPU of the serving process for one request. */
  readonly cpuMicros: number
}

export async function measure(
  name: string,
  target: Target,
  { child, connections = 32 }: { child: Child<unknown>; connections?: number },
): Promise<Measured> {
  await load(target, { connections, seconds: WARM_UP_SECONDS })
  const before = await child.usage()
  const { requests, bytes, seconds } = await load(target, { connections, seconds: SECONDS })
  const after = await child.usage()
  return {
    name,
    requestsPerSecond: requests / seconds,
    bytesPerSecond: bytes / seconds,
    cpuMicros: (after.cpuMicros - before.cpuMicros) / requests,
  }
}

export async function measureEdge(
  name: string,
  conf: EdgeConf,
  { paths, connections }: { paths: readonly string[]; connections?: number },
): Promise<Measured> {
  const child = await Child.start<{ url: string }>(
    new URL('edge-process.ts', import.meta.url),
    conf,
  )
  try {
    const target = httpTarget(child.ready.url, paths)
    return await measure(name, target, { child, ...(connections && { connections }) })
  } finally {
    await child.stop()
  }
}

export const withoutObjectCache = ({ memory }: EdgeConf): Partial<EdgeConf> => ({
  memory: { ...memory, objectCacheBytes: 0 },
})

export function print(title: string, rows: readonly Measured[], per: 'requests' | 'bytes'): void {
  const [a] = rows
  const value = (row: Measured): number =>
    per === 'requests' ? row.requestsPerSecond : row.bytesPerSecond
  const table = rows.map((row) => [
    row.name,
    row.requestsPerSecond.toFixed(per === 'requests' ? 0 : 1),
    (row.bytesPerSecond / MB).toFixed(0),
    row.cpuMicros.toFixed(0),
    (value(row) / (a ? value(a) : 1)).toFixed(2),
  ])
  const head = ['', 'requests/s', 'MB/s', 'CPU µs/request', 'ratio']
  process.stdout.write(`\n${title}\n${formatTable(head, table)}\n`)
}
