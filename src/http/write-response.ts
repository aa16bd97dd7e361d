import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { EdgeError } from '../errors.ts'
import type { Turns } from '../transfer/turns.ts'
import type { BodyStream, EdgeResponse } from './message.ts'

/** Hears what goes out of an answer's body. */
export interface SendProgress {
  /** So many bytes more are with the client, or on their way to it. */
  sent(bytes: number): void
  /** The whole body, which is known to be gone when the answer has ended. */
  handedOver(bytes: number): void
}

export interface WriteOptions {
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal | undefined
  /** Set where the request has a body that nobody will read: how long it is dropped. */
  readonly lingerMs: number | undefined
  readonly progress: SendProgress
  /** Whose turn it is to send a chunk of a stream. */
  readonly turns: Turns
}

/**
 * Puts an answer onto its connection. At once where it is whole in memory, else with the client's
 * back-pressure; the promise ends with the stream.
 * @throws EdgeError wrong_content: the stream is not as long as was said. The caller must destroy
 * the connection, for this and for whatever else the stream throws.
 */
export function writeResponse(
  response: ServerResponse,
  { status, headers, body }: EdgeResponse,
  options: WriteOptions,
): Promise<void> | undefined {
  response.writeHead(status, headers)
  if (options.lingerMs === undefined && (body === null || Buffer.isBuffer(body))) {
    response.end(body)
    options.progress.handedOver(body?.length ?? 0)
    return undefined
  }
  return writeBody(response, body, options)
}

async function writeBody(
  response: ServerResponse,
  body: EdgeResponse['body'],
  { lingerMs, ...options }: WriteOptions,
): Promise<void> {
  if (body === null) response.flushHeaders()
  else if (Buffer.isBuffer(body)) response.write(body)
  else await writeStream(response, body, options)
  if (body === null || Buffer.isBuffer(body)) options.progress.handedOver(body?.length ?? 0)
  if (lingerMs !== undefined) await discardBody(response.req, lingerMs)
  response.end()
}

async function writeStream(
  response: ServerResponse,
  { length, chunks }: BodyStream,
  { signal, progress, turns }: Omit<WriteOptions, 'lingerMs'>,
): Promise<void> {
  let left = length
  for await (const chunk of chunks) {
    left -= chunk.length
    if (left < 0) break
    const turn = turns.take(chunk.length)
    if (turn !== undefined) await turn
    signal?.throwIfAborted()
    await writeChunk(response, chunk)
    progress.sent(chunk.length)
  }
  if (left !== 0)
    throw new EdgeError('wrong_content', `a body of ${length} bytes has ${-left} more`)
}

/** Until the chunk is on its way, and its memory free; a connection that ends sets it free too. */
function writeChunk(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}

/**
 * The answer is with the client, whose connection ends after it. What is still coming is dropped,
 * so that it is not met with a reset, which could overtake the answer (RFC 9112 9.6).
 */
async function discardBody(request: IncomingMessage, lingerMs: number): Promise<void> {
  request.resume()
  await once(request, 'end', { signal: AbortSignal.timeout(lingerMs) }).catch(() => undefined)
}
