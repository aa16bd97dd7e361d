import { closeSync, openSync, write, writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { Logger } from 'pino'
import { EdgeError } from '../errors.ts'
import { describeError } from './exit-code.ts'
import { isJournal, journalLine } from './service-manager.ts'

const STDERR = 2
/** The group may read: on Debian the logs of daemons are for adm. */
const MODE = 0o640

/** A line as people or the journal read it, or as it is. */
type FormatLine = (line: string) => string

/** Another place for log lines, open already. Either of the two is called, once. */
export interface LogChange {
  take(): void
  drop(): void
}

/** What waits to be written is bounded: a disk or a reader that is slow costs lines, and no memory. */
const WAITING_MAX_CHARS = 4 * 1024 * 1024
/** So much is written to a pipe as a whole (PIPE_BUF), whoever else writes to it. */
const CHUNK_CHARS = 4096
/** Lines of this time are written together: a write costs more than many lines do. */
const GATHER_MS = 20
/** Until a reader that is slow is offered more. */
const RETRY_MS = 50

/**
 * Where log lines go: standard error, or a file. They are gathered while one write is under way, and
 * written beside the event loop, whole lines to the end, so that those of several processes do not mix
 * within a line. One that cannot be written (a full disk, a reader that is gone) is lost: files are
 * served all the same. What waits is written when the process ends.
 */
export class LogDestination {
  readonly #format: FormatLine
  #path: string | null
  #fd: number
  /** Whole lines. */
  #waiting = ''
  #lost = 0
  #isBusy = false
  /** Another file is written by now, but a write to this one is under way. */
  readonly #left: number[] = []

  private constructor(path: string | null, format: FormatLine) {
    this.#format = format
    this.#path = path
    this.#fd = open(path)
    process.once('exit', () => this.flushSync())
  }

  /** @param path null: standard error. @throws EdgeError invalid_config: the file cannot be opened */
  static async open(path: string | null): Promise<LogDestination> {
    if (isJournal(STDERR)) return new LogDestination(path, journalLine)
    if (!isatty(STDERR)) return new LogDestination(path, (line) => line)
    // Only people need it, and it takes a while to load.
    const { prettyLine } = await import('./pretty-line.ts')
    return new LogDestination(path, prettyLine)
  }

  write(line: string): void {
    const text = this.#formatted(line)
    if (this.#waiting.length + text.length > WAITING_MAX_CHARS) {
      this.#lost += 1
      return
    }
    this.#waiting += text
    if (this.#isBusy) return
    this.#isBusy = true
    setTimeout(() => this.#writeNext(), GATHER_MS).unref()
  }

  /** At the end of the process, when there is no time any more. */
  flushSync(): void {
    while (this.#waiting.length > 0) {
      try {
        writeSync(this.#fd, this.#take())
      } catch {
        // There is nowhere to say it.
      }
    }
  }

  #writeNext(): void {
    this.#isBusy = this.#waiting.length > 0
    if (this.#isBusy) this.#writeAll(Buffer.from(this.#take()))
  }

  #writeAll(bytes: Buffer): void {
    write(this.#fd, bytes, (error, written) => {
      for (const fd of this.#left.splice(0)) closeSync(fd)
      const rest = bytes.subarray(error === null ? written : 0)
      const isFull = error?.code === 'EAGAIN'
      if (isFull) setTimeout(() => this.#writeAll(rest), RETRY_MS).unref()
      else if (error === null && rest.length > 0) this.#writeAll(rest)
      else if (this.#fd === STDERR) this.#writeNext()
      else setTimeout(() => this.#writeNext(), GATHER_MS).unref()
    })
  }

  /** All lines for a file; for a pipe as many as go in one write, one at least. */
  #take(): string {
    const lines = this.#lost === 0 ? this.#waiting : `${this.#waiting}${this.#tellLost()}`
    const end = this.#fd === STDERR ? endOfChunk(lines) : lines.length
    this.#waiting = lines.slice(end)
    return lines.slice(0, end)
  }

  #tellLost(): string {
    const line = { level: 40, time: new Date().toISOString(), lines: this.#lost }
    this.#lost = 0
    const msg = 'log lines were lost, they cannot be written fast enough'
    return this.#formatted(`${JSON.stringify({ ...line, msg })}\n`)
  }

  #formatted(line: string): string {
    return this.#fd === STDERR ? this.#format(line) : line
  }

  /** The file under its name again, after the one that was written so far has been renamed. */
  reopen(logger: Logger): void {
    try {
      this.prepare(this.#path).take()
    } catch (error) {
      logger.error({ error: describeError(error) }, 'the log goes on in the file that was renamed')
    }
  }

  /** @throws EdgeError invalid_config: the file cannot be opened */
  prepare(path: string | null): LogChange {
    const fd = open(path)
    return {
      take: () => {
        this.#leave(this.#fd)
        this.#path = path
        this.#fd = fd
      },
      drop: () => close(fd),
    }
  }

  #leave(fd: number): void {
    if (this.#isBusy && fd !== STDERR) this.#left.push(fd)
    else close(fd)
  }
}

function endOfChunk(lines: string): number {
  if (lines.length <= CHUNK_CHARS) return lines.length
  const end = lines.lastIndexOf('\n', CHUNK_CHARS - 1)
  return (end < 0 ? lines.indexOf('\n') : end) + 1
}

function open(path: string | null): number {
  if (path === null) return STDERR
  try {
    return openSync(path, 'a', MODE)
  } catch (cause) {
    const message = `log_file cannot be written: ${describeError(cause)}`
    throw new EdgeError('invalid_config', message, { cause })
  }
}

function close(fd: number): void {
  if (fd !== STDERR) closeSync(fd)
}
