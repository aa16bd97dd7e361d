import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { startSlowClients } from '../bench/slow-clients.ts'
import { ServeProcess } from '../support/serve-process.ts'
import type { Scene, SceneContext } from './scene.ts'
import { Tally } from './tally.ts'
import { runWorkload } from './workload.ts'

const BYTES_PER_SECOND = 2000
/** For each of them at most, whatever the size of the file: buffers of edge and kernel. */
const BYTES_PER_CLIENT = 512 * 1024
const DEADLINE_MS = 60_000

export const SLOW_CLIENTS: Scene = {
  fault: 'clients that take 2 KB/s of a large file each',
  place: 'edge, FastDFS',
  run: serveBesideSlowClients,
}

/** Others are served as ever; memory is bounded, and given back when the slow ones have gone. */
async function serveBesideSlowClients({ t, places, scale }: SceneContext): Promise<Tally> {
  const place = await places.get('FastDFS')
  const { files } = place.stand
  const { slowClients, clients, requests, forMs } = scale
  const more = `max_connections = ${slowClients + 100}`
  const path = join(place.stand.folder, 'memory')
  const preload = new URL('memory.mjs', import.meta.url).href
  const env = { NODE_OPTIONS: `--expose-gc --import=${preload}`, FAULTS_MEMORY: path }
  const serve = await ServeProcess.start(t, place.settings({ isProxied: false, more }), { env })
  const memory = (): Promise<number> => memoryOf(serve, path)
  const url = serve.url.slice(0, -1)
  const load = async (tally: Tally): Promise<Tally> => {
    const untilMs = performance.now() + forMs
    await runWorkload({ url, files, clients, requests, untilMs }, tally)
    return tally
  }
  const large = files.large[0]?.path ?? ''
  const beside = { path: large, clients: slowClients, bytesPerSecond: BYTES_PER_SECOND }
  const loadBesideSlow = async (): Promise<{ tally: Tally; used: number }> => {
    const slow = startSlowClients(url, beside)
    t.after(() => slow.stop())
    const tally = await load(new Tally())
    const used = await memory()
    slow.stop()
    return { tally, used }
  }
  // What a process makes once, and keeps, is made by now.
  await loadBesideSlow()
  await load(new Tally())
  const before = await memory()
  const { tally, used } = await loadBesideSlow()
  const most = before + slowClients * BYTES_PER_CLIENT
  if (used > most) throw new Error(`${used} bytes in use, ${most} expected at most`)
  await untilGivenBack(memory, before)
  return tally
}

/** Within a fifth of what it was. */
async function untilGivenBack(memory: () => Promise<number>, before: number): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  for (;;) {
    const bytes = await memory()
    if (bytes <= before * 1.2) return
    if (performance.now() > deadline) throw new Error(`${bytes} bytes are kept of ${before}`)
  }
}

/** Bytes in use in the one edge process, once its garbage has been collected. */
async function memoryOf({ workers }: ServeProcess, path: string): Promise<number> {
  const [pid] = workers
  if (pid === undefined) throw new Error('there is no edge process')
  const told = `${path}.${pid}`
  await rm(told, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (;;) {
    const text = await readFile(told, 'utf8').catch(() => '')
    if (text.endsWith('\n')) return Number(text)
    await delay(20)
  }
}
