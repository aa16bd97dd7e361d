import { COMMAND } from '../../wire/fastdfs/commands.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import type { AddressWidth } from '../../wire/fastdfs/tracker-messages.ts'
import type { Connection } from '../connection.ts'
import { Daemon, type DaemonOptions } from '../daemon.ts'
import { misbehave } from '../daemon-faults.ts'
import { appendFile, modifyFile, regenerateFilename, truncateFile } from './appender.ts'
import { download } from './download.ts'
import { deleteFile, getMetadata, queryFileInfo, setMetadata } from './file-queries.ts'
import { DONE, type Reply, type Request, refusal } from './request.ts'
import { serveRequests } from './serve-requests.ts'
import type { StorageCommand, StorageContext } from './storage-context.ts'
import type { StorageFaults } from './storage-faults.ts'
import { StorageStats } from './storage-stats.ts'
import type { StoreDir } from './store-dir.ts'
import { upload, uploadAppender, uploadSlave } from './upload.ts'

/** ACTIVE_TEST has no body. */
const activeTest: StorageCommand = async (_storage, { body }) =>
  body.remaining === 0 ? DONE : refusal(STATUS.EINVAL)

const COMMANDS = new Map<number, StorageCommand>([
  [COMMAND.UPLOAD_FILE, upload],
  [COMMAND.UPLOAD_APPENDER_FILE, uploadAppender],
  [COMMAND.UPLOAD_SLAVE_FILE, uploadSlave],
  [COMMAND.APPEND_FILE, appendFile],
  [COMMAND.MODIFY_FILE, modifyFile],
  [COMMAND.TRUNCATE_FILE, truncateFile],
  [COMMAND.REGENERATE_APPENDER_FILENAME, regenerateFilename],
  [COMMAND.DOWNLOAD_FILE, download],
  [COMMAND.QUERY_FILE_INFO, queryFileInfo],
  [COMMAND.GET_METADATA, getMetadata],
  [COMMAND.SET_METADATA, setMetadata],
  [COMMAND.DELETE_FILE, deleteFile],
  [COMMAND.ACTIVE_TEST, activeTest],
])

export interface StoragedOptions extends DaemonOptions {
  readonly groupName: string
  /** Set where names hold storage ids instead of addresses. */
  readonly storageId: number | undefined
  readonly store: StoreDir
  readonly addressWidth: AddressWidth
  readonly nowSeconds: () => number
  readonly ipAddrOf: (storageId: number) => string | undefined
}

/** A storage server: the files of its group behind FastDFS's storage commands. */
export class FdfsStoraged extends Daemon {
  override faults: StorageFaults = {}
  readonly groupName: string
  readonly storageId: number | undefined
  readonly store: StoreDir
  readonly stats: StorageStats
  readonly joinTime: number
  upTime: number
  readonly #options: StoragedOptions
  #lastHeartBeat: number

  constructor(options: StoragedOptions) {
    super(options)
    this.#options = options
    this.groupName = options.groupName
    this.storageId = options.storageId
    this.store = options.store
    this.stats = new StorageStats(options.nowSeconds)
    this.joinTime = options.nowSeconds()
    this.upTime = this.joinTime
    this.#lastHeartBeat = this.joinTime
  }

  /** Unix seconds; stands still while the daemon is stopped or paused. */
  get lastHeartBeat(): number {
    if (this.faults.isUnheard === true) return 0
    if (this.isRunning) this.#lastHeartBeat = this.#options.nowSeconds()
    return this.#lastHeartBeat
  }

  override async start(preferredPort = 0): Promise<void> {
    await super.start(preferredPort)
    this.upTime = this.#options.nowSeconds()
  }

  override async stop(): Promise<void> {
    this.#lastHeartBeat = this.lastHeartBeat
    await super.stop()
  }

  override pause(): void {
    this.#lastHeartBeat = this.lastHeartBeat
    super.pause()
  }

  protected override async serve(connection: Connection): Promise<void> {
    const handle = (request: Request) => this.#handle(request)
    await serveRequests(connection, { isClosingAfterInvalid: true, handle })
  }

  async #handle(request: Request): Promise<Reply | undefined> {
    this.counters.countRequest(request.command)
    const { faults } = this
    // What makes it late is its disk, and that has no part in pings.
    const isPing = request.command === COMMAND.ACTIVE_TEST
    const felt = isPing ? { ...faults, delayMs: undefined } : faults
    if (await misbehave(felt, request.connection)) return undefined
    const command = COMMANDS.get(request.command)
    if (command === undefined) return refusal(STATUS.EINVAL)
    return await this.stats.counted(request.command, () => command(this.#context(), request))
  }

  #context(): StorageContext {
    const { groupName, store, addressWidth, storageId, nowSeconds, ipAddrOf } = this.#options
    const source = storageId === undefined ? { ipAddr: this.address.host } : { id: storageId }
    const { faults, stats } = this
    return { groupName, store, addressWidth, source, faults, stats, nowSeconds, ipAddrOf }
  }
}
