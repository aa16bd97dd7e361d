import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Address } from '../../src/client/address.ts'
import { freePort } from './free-port.ts'

const LISTEN =
  'require("net").createServer().listen({ host, port, backlog: 1 }, () => console.log("up"))'
const CONNECT_MS = 300
const CONNECTIONS_MAX = 50

/** An address that takes no connection and refuses none, as behind a firewall that drops packets. */
export async function startFullBacklog(
  t: { after(fn: () => unknown): void },
  host: string,
): Promise<Address> {
  const port = await freePort(host)
  const script = `const host = "${host}", port = ${port}; ${LISTEN}`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  const sockets: Socket[] = []
  t.after(() => end(child, sockets))
  await once(child.stdout, 'data')
  child.kill('SIGSTOP')
  while (sockets.length < CONNECTIONS_MAX && (await takes({ host, port }, sockets)));
  return { host, port }
}

/** False: the queue is full. */
async function takes(address: Address, sockets: Socket[]): Promise<boolean> {
  const socket = connect(address)
  sockets.push(socket)
  const signal = AbortSignal.timeout(CONNECT_MS)
  socket.on('error', () => undefined)
  return once(socket, 'connect', { signal }).then(
    () => true,
    () => false,
  )
}

async function end(child: ChildProcess, sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) socket.destroy()
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}
