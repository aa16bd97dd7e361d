import { COMMAND } from '../../wire/fastdfs/commands.ts'
import { type StorageCounters, zeroCounters } from '../../wire/fastdfs/tracker-messages.ts'
import type { RequestCounters } from '../request-counters.ts'
import type { Reply } from './request.ts'

const COUNTED = {
  [COMMAND.UPLOAD_FILE]: 'Upload',
  [COMMAND.UPLOAD_APPENDER_FILE]: 'Upload',
  [COMMAND.UPLOAD_SLAVE_FILE]: 'Upload',
  [COMMAND.APPEND_FILE]: 'Append',
  [COMMAND.MODIFY_FILE]: 'Modify',
  [COMMAND.TRUNCATE_FILE]: 'Truncate',
  [COMMAND.SET_METADATA]: 'SetMeta',
  [COMMAND.DELETE_FILE]: 'Delete',
  [COMMAND.DOWNLOAD_FILE]: 'Download',
  [COMMAND.GET_METADATA]: 'GetMeta',
} as const

type Counted = (typeof COUNTED)[keyof typeof COUNTED]
const KINDS = new Map<number, Counted>(
  Object.entries(COUNTED).map(([command, kind]) => [Number(command), kind]),
)
const CHANGES: ReadonlySet<Counted> = new Set(['Upload', 'Append', 'Modify', 'Truncate', 'Delete'])

/** What a storage tells its tracker of its work. */
export class StorageStats {
  readonly #counters: { -readonly [K in keyof StorageCounters]: StorageCounters[K] } =
    zeroCounters()
  readonly #nowSeconds: () => number

  constructor(nowSeconds: () => number) {
    this.#nowSeconds = nowSeconds
  }

  async counted(
    command: number,
    act: () => Promise<Reply | undefined>,
  ): Promise<Reply | undefined> {
    const kind = KINDS.get(command)
    if (kind === undefined) return act()
    this.#counters[`total${kind}Count`]++
    const reply = await act()
    if ((reply?.status ?? 0) !== 0) return reply
    this.#counters[`success${kind}Count`]++
    if (CHANGES.has(kind)) this.#counters.lastSourceUpdate = this.#nowSeconds()
    return reply
  }

  addBytes(kind: 'Upload' | 'Append' | 'Modify' | 'Download', bytes: number): void {
    this.#counters[`total${kind}Bytes`] += bytes
    this.#counters[`success${kind}Bytes`] += bytes
  }

  report(connections: RequestCounters, lastHeartBeatTime: number): StorageCounters {
    const { connectionsOpen, connectionsMax } = connections
    return {
      ...this.#counters,
      connectionAllocCount: connectionsMax,
      connectionCurrentCount: connectionsOpen,
      connectionMaxCount: connectionsMax,
      lastHeartBeatTime,
    }
  }
}
