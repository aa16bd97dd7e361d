import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { ServeProcess } from '../support/serve-process.ts'
import { Client } from './client.ts'
import type { Scene, SceneContext } from './scene.ts'
import { Tally } from './tally.ts'
import { runWorkload } from './workload.ts'

const DESCRIPTORS = 128
const CONNECTIONS = 300
/** They are connected before. */
const ASKING = 8

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
  const asking = Array.from({ length: ASKING }, () => new Client())
  t.after(() => asking.map((client) => client.close()))
  await Promise.all(asking.map((client) => client.ask({ url: `${url}/`, status: 404 })))
  const idle = Array.from({ length: CONNECTIONS }, () => openIdle(serve.port))
  t.after(() => close(idle))
  await delay(200)
  await Promise.all(asking.map((client) => askAnyway(client, url + (files.small[0]?.path ?? ''))))
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

/** On a connection that is there already: what is missing are connections to the storages. */
async function askAnyway(client: Client, url: string): Promise<void> {
  const { failure } = await client.ask({ url, status: 503 })
  if (failure !== undefined && failure !== '200') throw new Error(`answered with ${failure}`)
}

async function askOnce(url: string): Promise<void> {
  const client = new Client()
  const { failure, isCut = false } = await client.ask({ url, status: 503 })
  client.close()
  if (failure === undefined || failure === '200' || isCut) return
  throw new Error(`with all descriptors used up: ${failure}`)
}
