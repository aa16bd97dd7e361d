import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ServeProcess } from '../support/serve-process.ts'
import { waitFor } from '../support/wait-for.ts'
import { startNginx } from './nginx-front.ts'
import { loadOf, type Scene, type SceneContext } from './scene.ts'
import { Tally } from './tally.ts'
import { runWorkload } from './workload.ts'

/** nginx's cache is emptied all the time, so that nearly every request needs the edge. */
const EMPTY_EVERY_MS = 50

export const EDGE_KILLED: Scene = {
  fault: 'edge processes killed by SIGKILL under load',
  place: 'two edge processes behind nginx',
  cutsMax: Number.POSITIVE_INFINITY,
  run: (at) => killEdges(at, 2),
}

export const ONLY_EDGE_KILLED: Scene = {
  fault: 'the only edge process killed by SIGKILL under load',
  place: 'one edge process behind nginx',
  cutsMax: Number.POSITIVE_INFINITY,
  run: (at) => killEdges(at, 1),
}

async function killEdges({ t, places, scale }: SceneContext, workers: number): Promise<Tally> {
  const place = await places.get('FastDFS')
  const settings = place.settings({ isProxied: false, more: `workers = ${workers}` })
  const serve = await ServeProcess.start(t, settings)
  const { url, cachePath } = await startNginx(t, { edgePort: serve.port })
  const emptying = setInterval(() => void empty(cachePath), EMPTY_EVERY_MS)
  t.after(() => clearInterval(emptying))
  const tally = new Tally()
  const { clients, kills } = scale
  const { files } = place.stand
  let isKilling = true
  const goesOn = (): boolean => isKilling
  const load = runWorkload({ url, files, ...loadOf(scale), goesOn }, tally)
  for (let kill = 0; kill < kills; kill += 1) {
    const asked = tally.requests + 5 * clients
    await waitFor('requests', () => tally.requests >= asked)
    await killOne(serve, workers)
  }
  isKilling = false
  await load
  return tally
}

/** Resolves when another one has been started in its place. */
async function killOne(serve: ServeProcess, workers: number): Promise<void> {
  const [pid] = serve.workers
  if (pid === undefined) throw new Error('there is no edge process')
  process.kill(pid, 'SIGKILL')
  const isReplaced = (): boolean => serve.workers.length === workers && !serve.workers.includes(pid)
  // The more often one dies young, the later another one is started.
  while (!isReplaced()) await delay(20)
}

/** What is complete; a file that is still being written has a number behind its name. */
async function empty(cachePath: string): Promise<void> {
  const entries = await readdir(cachePath, { recursive: true }).catch(() => [])
  const files = entries.filter((path) => /\/[0-9a-f]{32}$/.test(path))
  for (const path of files) await rm(join(cachePath, path), { force: true })
}
