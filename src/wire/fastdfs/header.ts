import { byteCount, type StructValue, struct, u8 } from '../struct.ts'

/** header => body_length[8] command[1] status[1], both ways (`TrackerHeader`, tracker_proto.h) */
export const HEADER = struct({ bodyLength: byteCount, command: u8, status: u8 })

export type Header = StructValue<typeof HEADER>

/**
 * A whole frame, or its beginning where `streamedLength` bytes of file content follow `body`.
 * `status` is 0 in requests, but for the flags of QUERY_FILE_INFO.
 */
export function encodeFrame(
  command: number,
  body: Buffer,
  { status = 0, streamedLength = 0 }: { status?: number; streamedLength?: number } = {},
): Buffer {
  const header = HEADER.encode({ bodyLength: body.length + streamedLength, command, status })
  return body.length === 0 ? header : Buffer.concat([header, body])
}
