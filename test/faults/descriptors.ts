import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { ServeProcess } from '../support/serve-process.ts'
import { Client } from './client.ts'
import type { Scene, SceneContext } from './scene.ts'
import { Tally } from './tally.ts'
import { runWorkload } from './workload.ts'

const DESCRIPTORS = 128
const CONNECTIONS = 300

export const DESCRIPTORS_USED_UP: Scene = {
  fault: `${DESCRIPTORS} file descriptors, ${CONNECTIONS} connections; then others ask`,
  place: 'edge, FastDFS',
  run: useUpDescriptors,
}

/** Meanwhile an answer is 200, 503 or none; afterwards all is well. */
async function useUpDescriptors({ t, places, scale }: SceneContext): Promise<Tally> {
  const place = await places.get('FastDFS')
  const { files } = place.stand
  const { clients, requests, forMs } = scale
  const limit = `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`
  const settings = place.settings({ isProxied: false })
  const serve = await ServeProcess.start(t, settings, { wrapper: ['prlimit', limit] })
  const url = serve.url.slice(0, -1)
  const pids = serve.workers
  const idle = Array.from({ length: CONNECTIONS }, () => openIdle(serve.port))
  t.after(() => close(idle))
  await delay(200)
  await askOnce(url + (files.small[0]?.path ?? ''))
  close(idle)
  const tally = new Tally()
  await runWorkload({ url, files, clients, requests, untilMs: performance.now() + forMs }, tally)
  if (serve.workers.join() !== pids.join()) throw new Error('an edge process has died')
  return tally
}

function openIdle(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  return socket
}

function close(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.destroy()
}

async function askOnce(url: string): Promise<void> {
  const client = new Client()
  const { failure, isCut = false } = await client.ask({ url, status: 503 })
  client.close()
  if (failure === undefined || failure === '200' || isCut) return
  throw new Error(`with all descriptors used up: ${failure}`)
}
