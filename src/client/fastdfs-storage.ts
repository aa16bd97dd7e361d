import { EdgeError } from '../errors.ts'
import { COMMAND, commandName } from '../wire/fastdfs/commands.ts'
import { encodeFrame } from '../wire/fastdfs/header.ts'
import { decodeMetadata, encodeMetadata, type Metadata } from '../wire/fastdfs/metadata.ts'
import { STATUS, statusError } from '../wire/fastdfs/status.ts'
import {
  APPEND,
  decodeFileInfo,
  encodeDownload,
  encodeSetMetadata,
  FILE_INFO_FLAG,
  type FileInfo,
  type SetMetadataFlag,
  UPLOAD,
  UPLOAD_SLAVE,
} from '../wire/fastdfs/storage-messages.ts'
import { decodeFileName, encodeFileName, type FileName } from '../wire/fastdfs/tracker-messages.ts'
import { type Address, formatAddress } from './address.ts'
import { type Connection, destroyOnAbort } from './connection.ts'
import type { Content } from './content.ts'
import type { Answering, FastdfsExchange } from './fastdfs-exchange.ts'
import { LONG_BYTES } from './pool.ts'

export interface Upload {
  readonly content: Content
  /** Without the dot, at most 6 bytes, may be empty. */
  readonly extName: string
  readonly storePathIndex: number
  readonly isAppender?: boolean
}

/** Bytes `start` up to `end`, `end` not included. */
interface Span {
  readonly start: number
  readonly end: number
}

/**
 * One storage daemon. Null is its word that it has no such file (status 2); any other status is
 * EdgeError refused_by_server.
 */
export class FastdfsStorage {
  readonly #exchange: FastdfsExchange
  readonly #networkTimeoutMs: number

  constructor(exchange: FastdfsExchange, { networkTimeoutMs }: { networkTimeoutMs: number }) {
    this.#exchange = exchange
    this.#networkTimeoutMs = networkTimeoutMs
  }

  /**
   * The bytes of `span`, or of the whole file, as a stream with back-pressure. Storages before
   * 6.15.4 refuse a span that reaches past the end, later ones clamp it: `length` tells.
   * An empty file cannot be downloaded: it is refused.
   */
  async download(
    address: Address,
    file: FileName,
    { span, signal }: { span: Span | null; signal: AbortSignal },
  ): Promise<Download | null> {
    const offset = span?.start ?? 0
    const length = span === null ? 0 : span.end - span.start
    const body = encodeDownload({ ...file, offset, length })
    const frame = encodeFrame(COMMAND.DOWNLOAD_FILE, body)
    const answering = await this.#exchange.begin(address, frame, { signal })
    const { status } = answering.header
    if (status === STATUS.OK) return this.#receive(answering, signal)
    answering.release(true)
    if (status === STATUS.ENOENT) return null
    throw statusError(status, commandName(COMMAND.DOWNLOAD_FILE), formatAddress(address))
  }

  #receive(answering: Answering, signal: AbortSignal): Download {
    try {
      if (answering.header.bodyLength > LONG_BYTES) answering.beginLong()
    } catch (error) {
      answering.release(false)
      throw error
    }
    return new Download(answering, this.#networkTimeoutMs, signal)
  }

  /** `isCrc32Wanted` makes the storage read the whole file for what is not in its id. */
  async queryFileInfo(
    address: Address,
    file: FileName,
    { signal, isCrc32Wanted = false }: { signal: AbortSignal; isCrc32Wanted?: boolean },
  ): Promise<FileInfo | null> {
    const status = isCrc32Wanted ? 0 : FILE_INFO_FLAG.NOT_CALC_CRC32
    const frame = encodeFrame(COMMAND.QUERY_FILE_INFO, encodeFileName(file), { status })
    const body = await this.#ask(address, frame, { signal })
    return body === null ? null : decodeFileInfo(body)
  }

  /** Stores a new file under a name that the storage makes. */
  async upload(address: Address, upload: Upload, signal: AbortSignal): Promise<FileName> {
    const { content, extName, storePathIndex } = upload
    const command = upload.isAppender ? COMMAND.UPLOAD_APPENDER_FILE : COMMAND.UPLOAD_FILE
    const head = UPLOAD.head.encode({ storePathIndex, size: content.size, extName })
    return this.#send(address, { command, head, content, signal })
  }

  /** Stores a file under its master's name with `prefix` (a thumbnail). */
  async uploadSlave(
    address: Address,
    slave: { master: FileName; prefix: string; extName: string; content: Content },
    signal: AbortSignal,
  ): Promise<FileName> {
    const { prefix, extName, content } = slave
    const master = Buffer.from(slave.master.filename)
    const sizes = { masterLength: master.length, size: content.size }
    const fixed = UPLOAD_SLAVE.head.encode({ ...sizes, prefix, extName })
    const head = Buffer.concat([fixed, master])
    return this.#send(address, { command: COMMAND.UPLOAD_SLAVE_FILE, head, content, signal })
  }

  /** False where the storage has no such file. */
  async append(
    address: Address,
    { file, content }: { file: FileName; content: Content },
    signal: AbortSignal,
  ): Promise<boolean> {
    const name = Buffer.from(file.filename)
    const fixed = APPEND.head.encode({ filenameLength: name.length, size: content.size })
    const head = Buffer.concat([fixed, name])
    const frame = encodeFrame(COMMAND.APPEND_FILE, head, { streamedLength: content.size })
    const send = (connection: Connection): Promise<void> => sendContent(connection, content)
    return (await this.#ask(address, frame, { signal, send })) !== null
  }

  /** False where the storage has no such file. */
  async delete(address: Address, file: FileName, signal: AbortSignal): Promise<boolean> {
    const frame = encodeFrame(COMMAND.DELETE_FILE, encodeFileName(file))
    return (await this.#ask(address, frame, { signal })) !== null
  }

  /** Null for a file without metadata as well. */
  async getMetadata(
    address: Address,
    file: FileName,
    signal: AbortSignal,
  ): Promise<Metadata | null> {
    const frame = encodeFrame(COMMAND.GET_METADATA, encodeFileName(file))
    const body = await this.#ask(address, frame, { signal })
    return body === null ? null : decodeMetadata(body)
  }

  async setMetadata(
    address: Address,
    { file, flag, metadata }: { file: FileName; flag: SetMetadataFlag; metadata: Metadata },
    signal: AbortSignal,
  ): Promise<boolean> {
    const body = encodeSetMetadata({ ...file, flag, metadata: encodeMetadata(metadata) })
    const frame = encodeFrame(COMMAND.SET_METADATA, body)
    return (await this.#ask(address, frame, { signal })) !== null
  }

  /** Resolves when it answers. */
  async activeTest(address: Address, signal: AbortSignal): Promise<void> {
    await this.#ask(address, encodeFrame(COMMAND.ACTIVE_TEST, Buffer.alloc(0)), { signal })
  }

  async #send(
    address: Address,
    request: { command: number; head: Buffer; content: Content; signal: AbortSignal },
  ): Promise<FileName> {
    const { command, head, content, signal } = request
    const frame = encodeFrame(command, head, { streamedLength: content.size })
    const send = (connection: Connection): Promise<void> => sendContent(connection, content)
    const body = await this.#ask(address, frame, { signal, send })
    if (body !== null) return decodeFileName(body)
    throw statusError(STATUS.ENOENT, commandName(command), formatAddress(address))
  }

  async #ask(
    address: Address,
    frame: Buffer,
    question: { signal: AbortSignal; send?: (connection: Connection) => Promise<void> },
  ): Promise<Buffer | null> {
    const { status, body } = await this.#exchange.ask(address, frame, question)
    if (status === STATUS.OK) return body
    if (status === STATUS.ENOENT) return null
    throw statusError(status, commandName(frame.readUInt8(8)), formatAddress(address))
  }
}

async function sendContent(connection: Connection, { size, chunks }: Content): Promise<void> {
  let sent = 0
  for await (const chunk of chunks) {
    sent += chunk.length
    if (sent > size) break
    await connection.write(chunk)
  }
  if (sent === size) return
  throw new EdgeError('local_file', `the content changed while it was sent: ${sent} of ${size}`)
}

/** The body of a DOWNLOAD_FILE answer, read once. */
export class Download {
  /** Bytes that the storage announced. */
  readonly length: number
  readonly #answering: Answering
  readonly #timeoutMs: number
  readonly #abort: { ignore(): void }
  #left: number
  #isEnded = false

  constructor(answering: Answering, timeoutMs: number, signal: AbortSignal) {
    this.length = answering.header.bodyLength
    this.#left = this.length
    this.#answering = answering
    this.#timeoutMs = timeoutMs
    this.#abort = destroyOnAbort(answering.connection, signal)
    // The chunks of shorter bodies have memory of their own.
    if (this.length > LONG_BYTES) answering.connection.beginStream()
  }

  /**
   * Each chunk is valid until the second one after it is asked for.
   * @throws EdgeError timeout, connection_lost, aborted
   */
  get chunks(): AsyncIterable<Buffer> {
    return this.#read()
  }

  /** Gives the body up. An unread rest costs the connection. */
  cancel(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#abort.ignore()
    this.#answering.connection.endStream()
    this.#answering.release(this.#left === 0)
  }

  async *#read(): AsyncGenerator<Buffer, void, undefined> {
    try {
      while (this.#left > 0) {
        const chunk = await this.#answering.connection.readSome(this.#left, this.#timeoutMs)
        this.#left -= chunk.length
        // The connection is free before the last chunk is: its reader may be a slow client.
        if (this.#left === 0) this.cancel()
        yield chunk
      }
    } finally {
      this.cancel()
    }
  }
}
