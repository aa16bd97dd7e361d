import { createServer, type Server, type Socket } from 'node:net'
import type { Address } from '../../src/client/address.ts'
import { freePort } from './free-port.ts'

/** A daemon that does with each connection what a test says. */
export interface ScriptedDaemon {
  readonly address: Address
  readonly host: string
  readonly connections: readonly Socket[]
  close(): Promise<void>
}

export async function startDaemon(
  serve: (socket: Socket, index: number) => void,
  host = '127.0.0.1',
): Promise<ScriptedDaemon> {
  const connections: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    connections.push(socket)
    serve(socket, connections.length - 1)
  })
  const port = await listen(server, host)
  const close = (): Promise<void> => {
    for (const socket of connections) socket.destroy()
    return new Promise((resolve) => server.close(() => resolve()))
  }
  return { address: { host, port }, host: `${host}:${port}`, connections, close }
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}

/** An address that nobody listens on. */
export async function closedPort(): Promise<Address> {
  const host = '127.0.0.1'
  return { host, port: await freePort(host) }
}
