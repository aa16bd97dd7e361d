import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Child } from '../support/child.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { bytesOnceBelow, GROWTH_MAX, residentBytes, settledBytes } from './resident.ts'
import { loadOf, type Scene, type SceneContext } from './scene.ts'
import { Tally } from './tally.ts'
import { runWorkload } from './workload.ts'

const PROCESS = new URL('slow-clients-process.ts', import.meta.url)
const BYTES_PER_SECOND = 2000
/** Each of them holds one to a storage. */
const MANY_CONNECTIONS = 'max_connections = 4096'
/** For each of them at most, whatever the size of the file: buffers of edge and kernel. */
const BYTES_PER_CLIENT = 512 * 1024

export const SLOW_CLIENTS: Scene = {
  fault: 'clients that take 2 KB/s of a large file each',
  place: 'FastDFS',
  badHosts: 0,
  run: serveBesideSlowClients,
}

/** Others are served as ever; memory is bounded, and given back when the slow ones have gone. */
async function serveBesideSlowClients({ t, places, scale }: SceneContext): Promise<Tally> {
  const place = await places.get('FastDFS')
  const { files } = place.stand
  const { slowClients } = scale
  const serve = await ServeProcess.start(
    t,
    place.settings({ isProxied: false, more: MANY_CONNECTIONS }),
  )
  const url = serve.url.slice(0, -1)
  const load = async (tally = new Tally()): Promise<Tally> => {
    await runWorkload({ url, files, ...loadOf(scale) }, tally)
    return tally
  }
  await load()
  const beforeBytes = residentBytes(serve)
  const beside = { url, path: files.slow[0]?.path, clients: slowClients }
  const slow = await Child.start(PROCESS, { ...beside, bytesPerSecond: BYTES_PER_SECOND })
  t.after(() => slow.stop())
  const begun = await load()
  await untilTheyHang(serve)
  const tally = await load()
  const most = beforeBytes * GROWTH_MAX + slowClients * BYTES_PER_CLIENT
  const used = await bytesOnceBelow(serve, most)
  if (used > most) throw new Error(`${used} bytes in use, ${most} expected at most`)
  await slow.stop()
  tally.memory = { beforeBytes, afterBytes: await settledBytes(serve, beforeBytes) }
  return withBeginning(tally, { begun, slowClients })
}

/** What counts is how long others wait while the slow ones are there; that they come all at once is told. */
function withBeginning(
  tally: Tally,
  { begun, slowClients }: { begun: Tally; slowClients: number },
): Tally {
  tally.requests += begun.requests
  tally.wrong += begun.wrong
  tally.cut += begun.cut
  for (const [what, count] of begun.failures) {
    tally.failures.set(what, (tally.failures.get(what) ?? 0) + count)
  }
  const slowest = (of: (operation: string) => boolean): number => {
    const meant = [...begun.slowestOf].filter(([operation]) => of(operation))
    return Math.round(Math.max(...meant.map(([, ms]) => ms)))
  }
  const isLarge = (operation: string): boolean => ['large', 'range'].includes(operation)
  const small = slowest((operation) => !isLarge(operation))
  tally.remark = `while all ${slowClients} begin at once: ${small} ms, of large files ${slowest(isLarge)} ms`
  return tally
}

/** The buffers on their way are full: the edge has next to nothing to do. */
async function untilTheyHang({ workers: [pid] }: ServeProcess): Promise<void> {
  for (let before = cpuTicks(pid); ; ) {
    await delay(500)
    const now = cpuTicks(pid)
    if (now - before <= QUIET_TICKS) return
    before = now
  }
}

/** Of 10 ms each, in half a second. */
const QUIET_TICKS = 10

function cpuTicks(pid: number | undefined): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const [user, system] = fields.split(' ').slice(11, 13)
  return Number(user) + Number(system)
}
