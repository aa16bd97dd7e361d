import { connect, type Socket } from 'node:net'
import { HEADER } from '../../src/wire/fastdfs/header.ts'

/** How to ask for one file after another over one connection. */
export interface Target {
  readonly host: string
  readonly port: number
  /** The `index`th request of a connection. */
  request(index: number): Buffer
  /** Length of head and body once the head is in `bytes`, else undefined. @throws for an error */
  answerLength(bytes: Buffer): number | undefined
}

export interface LoadResult {
  readonly requests: number
  readonly bytes: number
  readonly seconds: number
}

/** Keeps `connections` busy for `seconds` and counts whole answers. */
export async function load(
  target: Target,
  { connections, seconds }: { connections: number; seconds: number },
): Promise<LoadResult> {
  const startedAt = performance.now()
  const deadline = startedAt + seconds * 1000
  const runs = Array.from({ length: connections }, (_, index) => run(target, index, deadline))
  const results = await Promise.all(runs)
  return {
    requests: results.reduce((sum, { requests }) => sum + requests, 0),
    bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    seconds: (performance.now() - startedAt) / 1000,
  }
}

function run(
  target: Target,
  first: number,
  deadline: number,
): Promise<Omit<LoadResult, 'seconds'>> {
  return new Promise((resolve, reject) => {
    const socket = connect(target.port, target.host)
    const count = { requests: 0, bytes: 0 }
    let index = first * 7
    const ask = (): void => {
      if (performance.now() >= deadline) {
        socket.destroy()
        resolve(count)
        return
      }
      socket.write(target.request(index++))
    }
    socket.on('connect', ask)
    socket.on('error', reject)
    countAnswers(socket, target, (length) => {
      count.requests += 1
      count.bytes += length
      ask()
    })
  })
}

function countAnswers(socket: Socket, target: Target, onAnswer: (length: number) => void): void {
  let head: Buffer = Buffer.alloc(0)
  let length: number | undefined
  let received = 0
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
    if (length === undefined) {
      head = head.length === 0 ? chunk : Buffer.concat([head, chunk])
      length = target.answerLength(head)
    }
    if (length === undefined || received < length) return
    const whole = length
    head = Buffer.alloc(0)
    length = undefined
    received = 0
    onAnswer(whole)
  })
}

/** GET over HTTP/1.1; every answer must be a 200. */
export function httpTarget(url: string, paths: readonly string[]): Target {
  const { hostname, port } = new URL(url)
  const requests = paths.map((path) =>
    Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`),
  )
  return {
    host: hostname,
    port: Number(port),
    request: (index) => requests[index % requests.length] ?? Buffer.alloc(0),
    answerLength: (bytes) => {
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return undefined
      const text = bytes.toString('latin1', 0, end)
      const [, length] = /\r\ncontent-length: ([0-9]+)/i.exec(text) ?? []
      if (!/^HTTP\/1\.[01] 200/.test(text) || length === undefined) throw new Error(text)
      return end + 4 + Number(length)
    },
  }
}

/** FastDFS requests as they are; every answer must have status 0. */
export function storageTarget(
  address: { host: string; port: number },
  requests: readonly Buffer[],
): Target {
  return {
    ...address,
    request: (index) => requests[index % requests.length] ?? Buffer.alloc(0),
    answerLength: (bytes) => {
      if (bytes.length < HEADER.size) return undefined
      const { status, bodyLength } = HEADER.decode(bytes)
      if (status !== 0) throw new Error(`the storage answered with status ${status}`)
      return HEADER.size + bodyLength
    },
  }
}
