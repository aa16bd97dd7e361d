import { connect, type Socket } from 'node:net'
import { ServeProcess } from '../support/serve-process.ts'
import { waitFor } from '../support/wait-for.ts'
import { Client } from './client.ts'
import { loadOf, type Scene, type SceneContext } from './scene.ts'
import { Tally } from './tally.ts'
import { runWorkload } from './workload.ts'

const DESCRIPTORS = 128
const CONNECTIONS = 300
/** So many connections does the edge allow clients then: the rest is for storages. */
const CLIENTS = 32
/** They are connected before. */
const ASKING = 8
const LATECOMERS = 20
const ROOM_MS = 10_000

export const DESCRIPTORS_USED_UP: Scene = {
  fault: `${DESCRIPTORS} file descriptors, ${CONNECTIONS} connections; then others ask`,
  place: 'FastDFS',
  badHosts: 0,
  run: useUpDescriptors,
}

/** Who was there before is served, who comes too late hears 503; afterwards all is well. */
async function useUpDescriptors({ t, places, scale }: SceneContext): Promise<Tally> {
  const place = await places.get('FastDFS')
  const { files } = place.stand
  const limit = `--nofile=${DESCRIPTORS}:${DESCRIPTORS}`
  const settings = place.settings({ isProxied: false })
  const serve = await ServeProcess.start(t, settings, { wrapper: ['prlimit', limit] })
  if (!serve.log.includes('LimitNOFILE')) throw new Error('the log says nothing of the low limit')
  const url = serve.url.slice(0, -1)
  const path = files.small[0]?.path ?? ''
  const pids = serve.workers
  const asking = Array.from({ length: ASKING }, () => new Client())
  t.after(() => asking.map((client) => client.close()))
  await Promise.all(asking.map((client) => client.ask({ url: `${url}/`, status: 404 })))
  const idle = Array.from({ length: CONNECTIONS }, () => openIdle(serve.port))
  t.after(() => close(idle))
  await waitFor(
    'an end of those that are too many',
    () => idle.filter(isOpen).length <= CLIENTS - ASKING,
  )
  const tally = new Tally()
  await askWhileFull(asking, { url: url + path, content: files.small[0]?.content, tally })
  close(idle)
  await untilThereIsRoom(url + path)
  await runWorkload({ url, files, ...loadOf(scale) }, tally)
  if (serve.workers.join() !== pids.join()) throw new Error('an edge process has died')
  return tally
}

async function askWhileFull(
  asking: readonly Client[],
  { url, content: body, tally }: { url: string; content: Buffer | undefined; tally: Tally },
): Promise<void> {
  for (const client of asking) {
    tally.add('who was there', await client.ask({ url, status: 200, ...(body && { body }) }))
  }
  for (let i = 0; i < LATECOMERS; i += 1) {
    const late = new Client()
    tally.add('who comes late', await late.ask({ url, method: 'HEAD', status: 503 }))
    late.close()
  }
}

/** An edge that has much to do takes new connections before it sees that old ones have gone. */
async function untilThereIsRoom(url: string): Promise<void> {
  const isServed = async (): Promise<boolean> => {
    const client = new Client()
    const { failure } = await client.ask({ url, method: 'HEAD', status: 200 })
    client.close()
    return failure === undefined
  }
  for (const deadline = performance.now() + ROOM_MS; ; ) {
    const served = await Promise.all(Array.from({ length: ASKING }, isServed))
    if (served.every(Boolean)) return
    if (performance.now() > deadline) throw new Error('those who have gone still take all the room')
  }
}

function openIdle(port: number): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  return socket
}

function isOpen(socket: Socket): boolean {
  return !socket.closed
}

function close(sockets: readonly Socket[]): void {
  for (const socket of sockets) socket.destroy()
}
