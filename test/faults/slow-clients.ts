import { readFileSync } from 'node:fs'
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
  const serve = await ServeProcess.start(t, place.settings({ isProxied: false, more }))
  const url = serve.url.slice(0, -1)
  const load = async (tally: Tally): Promise<Tally> => {
    const untilMs = performance.now() + forMs
    await runWorkload({ url, files, clients, requests, untilMs }, tally)
    return tally
  }
  await load(new Tally())
  const before = memoryOf(serve)
  const path = files.large[0]?.path ?? ''
  const slow = startSlowClients(url, {
    path,
    clients: slowClients,
    bytesPerSecond: BYTES_PER_SECOND,
  })
  t.after(() => slow.stop())
  const tally = await load(new Tally())
  const most = before + slowClients * BYTES_PER_CLIENT
  if (memoryOf(serve) > most) throw new Error(`${memoryOf(serve)} bytes, ${most} expected at most`)
  slow.stop()
  await untilGivenBack(serve, before, () => load(new Tally()))
  return tally
}

/** Within a fifth, and what a process that works keeps for its garbage, which nobody collects at rest. */
async function untilGivenBack(
  serve: ServeProcess,
  before: number,
  load: () => Promise<unknown>,
): Promise<void> {
  const deadline = performance.now() + DEADLINE_MS
  const most = before * 1.2 + 64 * 1024 * 1024
  while (memoryOf(serve) > most) {
    if (performance.now() > deadline) {
      throw new Error(`${memoryOf(serve)} bytes are kept, ${before} at the start`)
    }
    await load()
  }
}

function memoryOf({ workers }: ServeProcess): number {
  return workers.reduce((sum, pid) => {
    const [, kilobytes] =
      /VmRSS:\s+([0-9]+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return sum + Number(kilobytes) * 1024
  }, 0)
}
