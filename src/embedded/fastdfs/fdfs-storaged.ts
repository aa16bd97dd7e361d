import { COMMAND } from '../../wire/fastdfs/commands.ts'
import { STATUS } from '../../wire/fastdfs/status.ts'
import type { AddressWidth } from '../../wire/fastdfs/tracker-messages.ts'
import { appendFile, modifyFile, regenerateFilename, truncateFile } from './appender.ts'
import type { Connection } from './connection.ts'
import { download } from './download.ts'
import { deleteFile, getMetadata, queryFileInfo, setMetadata } from './file-queries.ts'
import { type HostPort, Listener, type ListenerLimits } from './listener.ts'
import { misbehave } from './misbehave.ts'
import { DONE, type Reply, type Request, refusal } from './request.ts'
import type { RequestCounters } from './request-counters.ts'
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

export interface StoragedOptions extends HostPort {
  readonly groupName: string
  /** Set where names hold storage ids instead of addresses. */
  readonly storageId: number | undefined
  readonly store: StoreDir
  readonly addressWidth: AddressWidth
  readonly limits: ListenerLimits
  readonly nowSeconds: () => number
  readonly ipAddrOf: (storageId: number) => string | undefined
  readonly onError: (error: unknown) => void
}

/** A storage server: the files of its group behind FastDFS's storage commands. */
export class FdfsStoraged {
  faults: StorageFaults = {}
  readonly groupName: string
  readonly storageId: number | undefined
  readonly store: StoreDir
  readonly stats: StorageStats
  readonly joinTime: number
  upTime: number
  readonly #options: StoragedOptions
  readonly #listener: Listener
  #lastHeartBeat: number

  constructor(options: StoragedOptions) {
    this.#options = options
    this.groupName = options.groupName
    this.storageId = options.storageId
    this.store = options.store
    this.stats = new StorageStats(options.nowSeconds)
    this.joinTime = options.nowSeconds()
    this.upTime = this.joinTime
    this.#lastHeartBeat = this.joinTime
    const { host, port, limits, onError } = options
    const serve = (connection: Connection) => this.#serve(connection)
    this.#listener = new Listener({ host, port, limits, serve, onError })
  }

  get address(): HostPort {
    return this.#listener.address
  }

  get counters(): RequestCounters {
    return this.#listener.counters
  }

  /** Unix seconds; stands still while the daemon is stopped or paused. */
  get lastHeartBeat(): number {
    if (this.#listener.isRunning) this.#lastHeartBeat = this.#options.nowSeconds()
    return this.#lastHeartBeat
  }

  /** `preferredPort` is for port 0. @throws EdgeError connect_failed when the port is taken */
  async start(preferredPort = 0): Promise<void> {
    await this.#listener.start(preferredPort)
    this.upTime = this.#options.nowSeconds()
  }

  /** Closes the port and cuts every connection at once, as a kill does. */
  async stop(): Promise<void> {
    this.#lastHeartBeat = this.lastHeartBeat
    await this.#listener.stop()
  }

  /** From now on connections are accepted, but nothing is read and nothing answered. */
  pause(): void {
    this.#lastHeartBeat = this.lastHeartBeat
    this.#listener.pause()
  }

  resume(): void {
    this.#listener.resume()
  }

  async #serve(connection: Connection): Promise<void> {
    if (this.faults.refuse === true) {
      connection.reset()
      return
    }
    const handle = (request: Request) => this.#handle(request)
    await serveRequests(connection, { isClosingAfterInvalid: true, handle })
  }

  async #handle(request: Request): Promise<Reply | undefined> {
    this.counters.countRequest(request.command)
    if (await misbehave(this.faults, request)) return undefined
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
