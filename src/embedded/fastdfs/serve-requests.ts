import { EdgeError } from '../../errors.ts'
import { COMMAND } from '../../wire/fastdfs/commands.ts'
import { encodeFrame, HEADER } from '../../wire/fastdfs/header.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import type { Connection } from '../connection.ts'
import { isDiskError } from '../disk-error.ts'
import { MAX_SKIPPED_BYTES, RequestBody } from '../request-body.ts'
import { type Reply, type Request, refusal } from './request.ts'

export interface Daemon {
  /** A storage closes the connection after EINVAL, a tracker does not. */
  readonly isClosingAfterInvalid: boolean
  /** The answer to one request; undefined when it was sent already, or never will be. */
  handle(request: Request): Promise<Reply | undefined>
}

/** Answers one request after the other until either side has had enough. */
export async function serveRequests(connection: Connection, daemon: Daemon): Promise<void> {
  let isGoingOn = true
  while (isGoingOn && connection.isOpen) {
    const request = await readRequest(connection)
    isGoingOn = request !== undefined && (await serveRequest(request, daemon))
  }
}

/** undefined: the peer has gone or says QUIT. @throws EdgeError for a negative or absurd length */
async function readRequest(connection: Connection): Promise<Request | undefined> {
  const bytes = await connection.read(HEADER.size)
  if (bytes === undefined) return undefined
  const { command, status, bodyLength } = HEADER.decode(bytes)
  if (command === COMMAND.QUIT) return undefined
  return { command, flags: status, connection, body: new RequestBody(connection, bodyLength) }
}

/** False when the connection is to be ended. */
async function serveRequest(request: Request, daemon: Daemon): Promise<boolean> {
  const reply = await handle(request, daemon)
  if (reply === undefined) return request.body.remaining === 0
  const isLast = reply.status === STATUS.EINVAL && daemon.isClosingAfterInvalid
  if (!isLast && request.body.remaining <= MAX_SKIPPED_BYTES) await request.body.skip()
  await request.connection.write(encodeFrame(COMMAND.RESPONSE, reply.body, reply))
  return !isLast && request.body.remaining === 0
}

async function handle(request: Request, daemon: Daemon): Promise<Reply | undefined> {
  try {
    return await daemon.handle(request)
  } catch (error) {
    return refusal(statusOf(error))
  }
}

/** @throws what no request and no disk can account for */
export function statusOf(error: unknown): number {
  if (error instanceof EdgeError && error.code !== 'connection_lost') return STATUS.EINVAL
  if (!isDiskError(error)) throw error
  const errno = -Number(error.errno)
  return errno > 0 && errno < 256 ? errno : STATUS.EIO
}
