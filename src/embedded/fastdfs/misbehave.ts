import { randomBytes } from 'node:crypto'
import type { Connection } from './connection.ts'
import type { Request } from './request.ts'

/** What a daemon of either kind may do instead of answering. */
export interface DaemonFaults {
  readonly refuse?: boolean | undefined
  readonly hang?: boolean | undefined
  readonly garbage?: boolean | undefined
}

/** True when the request was dealt with by a fault. */
export async function misbehave(faults: DaemonFaults, { connection }: Request): Promise<boolean> {
  if (faults.hang === true) {
    await connection.closed
    return true
  }
  if (faults.garbage !== true) return false
  await writeGarbage(connection)
  return true
}

/** The first bit makes the body length negative, so that it can never be taken for a frame. */
async function writeGarbage(connection: Connection): Promise<void> {
  const bytes = randomBytes(64)
  bytes.writeUInt8(bytes.readUInt8(0) | 0x80, 0)
  await connection.write(bytes)
}
