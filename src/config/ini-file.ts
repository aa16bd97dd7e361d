import { realpathSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { explainFileError, readBoundedFile } from './bounded-file.ts'
import type { Findings, Place } from './fault.ts'
import { type IniLine, parseIni } from './ini.ts'
import { quote } from './quote.ts'

/** One `name = value`; `section` is empty before the first [section]. */
export interface IniEntry extends Place {
  readonly section: string
  readonly name: string
  readonly value: string
  readonly line: number
}

const MAX_FILE_BYTES = 1024 * 1024
const MAX_DEPTH = 8
const MAX_FILES = 64
const MAX_ENTRIES = 10_000

/** All entries of a file and of what it includes, in order. Never throws: see `findings`. */
export function readIniFile(path: string, findings: Findings): readonly IniEntry[] {
  const reader = new IniReader(findings)
  reader.read(path, { file: path }, [])
  return reader.entries
}

class IniReader {
  readonly entries: IniEntry[] = []
  readonly #findings: Findings
  #files = 0
  #section = ''

  constructor(findings: Findings) {
    this.#findings = findings
  }

  /** `place` is where the file is asked for, `parents` the real paths of the files around it. */
  read(path: string, place: Place, parents: readonly string[]): void {
    const realPath = this.#admit(path, place, parents)
    if (realPath === undefined) return
    const read = readBoundedFile(path, MAX_FILE_BYTES)
    if (!read.isRead) {
      this.#findings.fault(place, `${quote(path)} cannot be read: ${read.reason}`)
      return
    }
    for (const { line, says } of parseIni(read.content.toString('utf8'))) {
      if (this.#findings.isFull) return
      this.#take({ file: path, line }, says, [...parents, realPath])
    }
  }

  #admit(path: string, place: Place, parents: readonly string[]): string | undefined {
    try {
      const realPath = realpathSync(path)
      const refusal = this.#refusal(realPath, parents)
      if (refusal === undefined) return realPath
      this.#findings.fault(place, `${quote(path)} is not read: ${refusal}`)
    } catch (error) {
      this.#findings.fault(place, `${quote(path)} cannot be read: ${explainFileError(error)}`)
    }
    return undefined
  }

  #refusal(realPath: string, parents: readonly string[]): string | undefined {
    if (parents.includes(realPath)) return 'it includes itself'
    if (parents.length > MAX_DEPTH) return `includes are more than ${MAX_DEPTH} deep`
    if (++this.#files > MAX_FILES) return `more than ${MAX_FILES} files are included`
    return undefined
  }

  #take(place: Required<Place>, says: IniLine, files: readonly string[]): void {
    if (says.kind === 'section') this.#section = says.name
    else if (says.kind === 'fault') this.#findings.fault(place, says.message)
    else if (says.kind === 'warning') this.#findings.warn(place, says.message)
    else if (says.kind === 'entry') this.#addEntry({ ...place, ...says, section: this.#section })
    else this.#include(place, says.target, files)
  }

  #addEntry({ file, line, section, name, value }: IniEntry): void {
    if (this.entries.length < MAX_ENTRIES) this.entries.push({ file, line, section, name, value })
    else this.#findings.fault({ file, line }, `more than ${MAX_ENTRIES} settings`)
  }

  /** As in libfastcommon an included file begins outside of all sections, and so does what follows. */
  #include(place: Place, target: string, files: readonly string[]): void {
    this.#section = ''
    this.read(isAbsolute(target) ? target : join(dirname(place.file), target), place, files)
    this.#section = ''
  }
}
