import type { Connection } from '../connection.ts'
import type { FileLocks } from '../file-locks.ts'
import type { DeviceDirs } from './device-dirs.ts'
import type { FileTables } from './file-tables.ts'
import { encodeShortAnswer, type ShortAnswer } from './http-answer.ts'
import type { HttpBody } from './http-body.ts'
import type { HttpHead } from './http-head.ts'
import type { MogstoredFaults } from './mogstored-faults.ts'

/** What a mogstored shares with the trackers of its store. */
export interface MogstoredContext {
  readonly dirs: DeviceDirs
  /** Knows which uploads are awaited. */
  readonly files: FileTables
  /** By fid. */
  readonly locks: FileLocks
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** One request and the way back. */
export interface Exchange extends MogstoredContext {
  readonly connection: Connection
  readonly head: HttpHead
  readonly body: HttpBody
  readonly devids: ReadonlySet<number>
  readonly faults: MogstoredFaults
}

export async function sendShort(
  { connection, head }: Exchange,
  answer: ShortAnswer,
): Promise<void> {
  await connection.write(encodeShortAnswer(answer, head))
}
