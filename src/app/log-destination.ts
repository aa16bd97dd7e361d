import { closeSync, openSync, writeSync } from 'node:fs'
import type { Logger } from 'pino'
import { EdgeError } from '../errors.ts'
import { describeError } from './exit-code.ts'

const STDERR = 2
/** The group may read: on Debian the logs of daemons are for adm. */
const MODE = 0o640

/** Another place for log lines, open already. Either of the two is called, once. */
export interface LogChange {
  take(): void
  drop(): void
}

/**
 * Where log lines go: standard error, or a file. Each line is one write to its end, so that those of
 * several processes do not mix within a line. A line that cannot be written (a full disk, a reader
 * that is gone) is lost: files are served all the same.
 */
export class LogDestination {
  #path: string | null
  #fd: number

  /** @param path null: standard error. @throws EdgeError invalid_config: the file cannot be opened */
  constructor(path: string | null) {
    this.#path = path
    this.#fd = open(path)
  }

  write(line: string): void {
    try {
      writeSync(this.#fd, line)
    } catch {
      // There is nowhere to say it.
    }
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
        close(this.#fd)
        this.#path = path
        this.#fd = fd
      },
      drop: () => close(fd),
    }
  }
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
