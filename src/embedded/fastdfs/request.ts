import { EdgeError } from '../../errors.ts'
import type { ContentRequest } from '../../wire/fastdfs/storage-messages.ts'
import type { Connection } from '../connection.ts'
import type { RequestBody } from '../request-body.ts'

export interface Request {
  readonly command: number
  /** The status byte of the header: the flags of QUERY_FILE_INFO, 0 elsewhere. */
  readonly flags: number
  readonly body: RequestBody
  readonly connection: Connection
}

/** An errno as status; one other than 0 goes with an empty body. */
export interface Reply {
  readonly status: number
  readonly body: Buffer
}

const EMPTY = Buffer.alloc(0)
export const DONE: Reply = { status: 0, body: EMPTY }

export function answer(body: Buffer): Reply {
  return { status: 0, body }
}

export function refusal(status: number): Reply {
  return { status, body: EMPTY }
}

/** Reads head and name of a request that ends in content. @throws EdgeError where lengths disagree */
export async function readContentHead<T>(
  { body }: Request,
  form: ContentRequest<T>,
): Promise<{ head: T; name: string }> {
  const head = form.head.decode(await body.read(form.head.size))
  const name = await body.read(form.nameLength(head))
  if (body.remaining !== form.contentLength(head)) {
    throw new EdgeError('protocol_error', `${body.remaining} bytes of content were not announced`)
  }
  return { head, name: name.toString() }
}
