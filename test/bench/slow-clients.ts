import { connect, type Socket } from 'node:net'

/** Clients that take `bytesPerSecond` each of one large file. Returns what ends them. */
export function startSlowClients(
  url: string,
  { path, clients, bytesPerSecond }: { path: string; clients: number; bytesPerSecond: number },
): { received(): number; stop(): void } {
  const { hostname, port } = new URL(url)
  let received = 0
  const sockets = Array.from({ length: clients }, () => {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => undefined)
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length
      pauseFor(socket, (chunk.length / bytesPerSecond) * 1000)
    })
    socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`)
    return socket
  })
  return {
    received: () => received,
    stop: () => {
      for (const socket of sockets) socket.destroy()
    },
  }
}

function pauseFor(socket: Socket, ms: number): void {
  socket.pause()
  setTimeout(() => socket.resume(), ms)
}
