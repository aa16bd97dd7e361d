import type { Socket } from 'node:net'
import { type ScriptedDaemon, startDaemon } from './scripted-daemon.ts'

export interface StorageRequest {
  readonly method: string
  readonly path: string
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  readonly socket: Socket
  /** The number of its connection, from 0. */
  readonly connection: number
}

export interface ScriptedStorage extends ScriptedDaemon {
  readonly requests: readonly StorageRequest[]
}

/** An HTTP storage that answers each head of a request with the bytes that a test says. */
export async function startStorage(
  answer: (request: StorageRequest) => string | Buffer | undefined,
): Promise<ScriptedStorage> {
  const requests: StorageRequest[] = []
  const daemon = await startDaemon((socket, connection) => {
    let text = ''
    let body = 0
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      for (;;) {
        const skipped = Math.min(body, text.length)
        body -= skipped
        text = text.slice(skipped)
        const end = text.indexOf('\r\n\r\n')
        if (body > 0 || end < 0) return
        const request = parseHead(text.slice(0, end), socket, connection)
        text = text.slice(end + 4)
        body = Number(request.headers.get('content-length') ?? 0)
        requests.push(request)
        const reply = answer(request)
        if (reply !== undefined) socket.write(reply)
      }
    })
  })
  return { ...daemon, requests }
}

function parseHead(head: string, socket: Socket, connection: number): StorageRequest {
  const [line = '', ...fields] = head.split('\r\n')
  const [method = '', path = ''] = line.split(' ')
  const headers = new Map(
    fields.map((field) => {
      const [name = '', value = ''] = field.split(/: ?(.*)/s)
      return [name.toLowerCase(), value] as const
    }),
  )
  return { method, path, headers, socket, connection }
}

/** An answer as Perlbal writes it. */
export function perlbal(
  status: string,
  body: string | Buffer = '',
  fields: Readonly<Record<string, string | number | undefined>> = {},
): Buffer {
  const all = {
    Server: 'Perlbal',
    'Content-Length': body.length,
    Connection: 'keep-alive',
    'Keep-Alive': 'timeout=30, max=100',
    ...fields,
  }
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}`],
  )
  const head = [`HTTP/1.0 ${status}`, ...lines, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head), Buffer.from(body)])
}
