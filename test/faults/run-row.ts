import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pino from 'pino'
import { loadConf } from '../../src/app/cluster-flags.ts'
import { startEdge } from '../../src/app/wiring.ts'
import type { Place } from './place.ts'
import type { FaultRow } from './rows.ts'
import { Tally } from './tally.ts'
import { type Files, runWorkload, type WorkloadOptions } from './workload.ts'

/** An edge that has seen nothing yet. */
export interface EdgeUnderTest {
  /** Without a slash at its end. */
  readonly url: string
  /** Bytes of its process, now and when they are back within bounds of what they were, if ever. */
  readonly memory?: { held(): number; settled(beforeBytes: number): Promise<number> }
  close(): Promise<void>
}

export type StartEdge = (settings: string, folder: string) => Promise<EdgeUnderTest>

export interface Load extends Pick<WorkloadOptions, 'clients' | 'requests' | 'pauseMs'> {
  readonly forMs?: number
  /** How long an edge is asked before the fault, so that its code is compiled and its connections are open. */
  readonly warmUpMs?: number
}

/** In this process. */
export const startEdgeHere: StartEdge = async (settings, folder) => {
  const path = join(folder, 'edge.conf')
  await writeFile(path, `${settings}\n`)
  const listen = [{ host: '127.0.0.1', port: 0 }]
  const edge = await startEdge({ ...loadConf(path), listen }, { logger: pino({ level: 'silent' }) })
  return { url: (edge.urls[0] ?? '').slice(0, -1), close: () => edge.close(0) }
}

/** What clients see of an edge that meets the fault while they ask; all is well again afterwards. */
export async function runRow(
  row: FaultRow,
  place: Place,
  { load, startEdge }: { readonly load: Load; readonly startEdge: StartEdge },
): Promise<Tally> {
  const { isProxied = false, settings: more } = row
  const { folder, files } = place.stand
  const tally = new Tally()
  await row.prepare?.(place)
  const edge = await startEdge(place.settings({ isProxied, more }), folder)
  try {
    const { forMs = 0, warmUpMs = 0, ...pace } = load
    const ask = (of: Files, ms: number, into: Tally): Promise<void> =>
      runWorkload({ ...pace, url: edge.url, files: of, untilMs: performance.now() + ms }, into)
    if (warmUpMs > 0) await ask(files, warmUpMs, new Tally())
    const beforeBytes = edge.memory?.held() ?? 0
    const stop = await row.during?.(place)
    try {
      const running = ask(row.files?.(place) ?? files, forMs, tally)
      await row.begin(place)
      await running
    } finally {
      await stop?.()
      await place.heal()
      await row.end?.(place)
    }
    const afterBytes = await edge.memory?.settled(beforeBytes)
    if (afterBytes !== undefined) tally.memory = { beforeBytes, afterBytes }
  } finally {
    await edge.close()
  }
  return tally
}
