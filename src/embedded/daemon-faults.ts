import { randomBytes } from 'node:crypto'
import type { Connection } from './connection.ts'

/** How a daemon of any kind may misbehave. Each may be switched at any time. */
export interface DaemonFaults {
  /** Connections are reset as soon as they are accepted. For a closed port see `stop()`. */
  readonly refuse?: boolean | undefined
  /** Requests are read and never answered. */
  readonly hang?: boolean | undefined
  /** Requests are answered with random bytes that are no answer. */
  readonly garbage?: boolean | undefined
  /** Answers come so much later, of a storage all but those to pings. */
  readonly delayMs?: number | undefined
}

/** True when the request was dealt with by a fault. */
export async function misbehave(faults: DaemonFaults, connection: Connection): Promise<boolean> {
  if (faults.hang === true) {
    await connection.closed
    return true
  }
  if (faults.delayMs !== undefined) await connection.delay(faults.delayMs)
  if (faults.garbage !== true) return false
  await connection.write(garbage())
  return true
}

/**
 * The first bit makes the body length of a FastDFS header negative, so that these bytes can never be
 * taken for a frame; the end makes them a line for those who wait for one.
 */
function garbage(): Buffer {
  const bytes = randomBytes(64)
  bytes.writeUInt8(bytes.readUInt8(0) | 0x80, 0)
  return Buffer.concat([bytes, Buffer.from('\r\n')])
}
