import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** Below the ports that the system gives away by itself, to listeners on port 0 and to clients. */
const RANGE = [10_000, 32_000] as const
const TRIES = 100

/** A port that is free, and that only another call of this could take away. */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let i = 0; i < TRIES; i += 1) {
    const port = randomInt(...RANGE)
    if (await isFree(host, port)) return port
  }
  throw new Error(`found no free port on ${host}`)
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, host, () => server.close(() => resolve(true)))
  })
}
