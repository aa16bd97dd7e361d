import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { Connection } from '../http/connection.ts'
import type { EdgeResponse } from '../http/message.ts'
import { findMessageFault, saysClose } from '../http/message-fault.ts'
import { readParseError } from '../http/parse-error.ts'
import { DEFAULT_SERVER_LIMITS } from '../http/server-limits.ts'

type Fetch = (request: Request) => Response | Promise<Response>
/** What an answer of the application's is made by. */
type Answer = (request: IncomingMessage, response: ServerResponse) => unknown

const { lingerMs, maxUrlBytes } = DEFAULT_SERVER_LIMITS
const METHODS = 'GET, HEAD, POST'

/**
 * A server of HTTP/1 for operators, with the same care for what is no request as the public one: an answer
 * with a date and a body, and the end of the connection.
 */
export function createAdminServer(fetch: Fetch): Server {
  // HTTP/1.0 needs no Host, and a Request needs one.
  return new AdminServer(getRequestListener(fetch, { hostname: 'localhost' })).server
}

class AdminServer {
  readonly server: Server
  readonly #answer: Answer
  readonly #connections = new WeakMap<Duplex, Connection>()

  constructor(answer: Answer) {
    this.#answer = answer
    // Without joinDuplicateHeaders the first of several Host fields counts, and nobody sees that there are more.
    const server = createServer({ requireHostHeader: false, joinDuplicateHeaders: true })
    server.on('connection', (socket) => {
      const peer = { address: socket.remoteAddress ?? '', isTrusted: false }
      this.#connections.set(socket, new Connection(socket, peer, lingerMs))
    })
    server.on('request', (request, response) => this.#take(request, response))
    server.on('checkExpectation', (request, response) => this.#take(request, response, 417))
    server.on('connect', (_request, socket) =>
      this.#connections.get(socket)?.refuse(refusal(501), false),
    )
    server.on('clientError', (error, socket) => {
      const { status, isHead } = readParseError(error)
      this.#connections.get(socket)?.refuse(refusal(status), isHead)
    })
    this.server = server
  }

  #take(request: IncomingMessage, response: ServerResponse, given?: number): void {
    this.#connections.get(request.socket)?.begin(request, response)
    const { httpVersion, headers, url: target = '' } = request
    const status = given ?? findMessageFault({ httpVersion, target, headers }, maxUrlBytes)
    // RFC 9112 6.1: a Transfer-Encoding in HTTP/1.0 is faulty framing.
    const isFramed = httpVersion !== '1.0' || headers['transfer-encoding'] === undefined
    if (status !== undefined || !isFramed || saysClose(headers)) response.shouldKeepAlive = false
    if (status === undefined) this.#answer(request, response)
    else send(response, refusal(status))
  }
}

function send(response: ServerResponse, { status, headers, body }: EdgeResponse): void {
  response.writeHead(status, headers).end(body)
}

function refusal(status: number): EdgeResponse {
  const body = Buffer.from(JSON.stringify({ error: STATUS_CODES[status] }))
  const headers = ['Content-Type', 'application/json', 'Content-Length', `${body.length}`]
  if (status === 501) headers.push('Allow', METHODS)
  return { status, headers: [...headers, 'Cache-Control', 'no-store'], body }
}
