import { dirname, isAbsolute, join } from 'node:path'
import { type DirectiveName, directive, type SettingValues } from './directives.ts'
import type { IniEntry } from './ini-file.ts'

/** The settings of one section, typed by the table of directives. */
export class Settings {
  readonly #entries: ReadonlyMap<string, readonly IniEntry[]>

  constructor(entries: readonly IniEntry[]) {
    this.#entries = Map.groupBy(entries, ({ name }) => name)
  }

  get<K extends DirectiveName>(name: K): SettingValues[K] {
    return directive(name).read(this.entriesOf(name).map(({ value }) => value))
  }

  entriesOf(name: string): readonly IniEntry[] {
    return this.#entries.get(name) ?? []
  }

  /** The line that counts; undefined where the default does. */
  entryOf(name: string): IniEntry | undefined {
    return this.entriesOf(name).at(-1)
  }
}

/** The entries of each section; those before the first [section] under the empty name. */
export function bySection(entries: readonly IniEntry[]): ReadonlyMap<string, readonly IniEntry[]> {
  return Map.groupBy(entries, ({ section }) => section)
}

/** A path as it stands in a file, found from that file's folder. */
export function pathFrom({ file, value }: Pick<IniEntry, 'file' | 'value'>): string {
  return isAbsolute(value) ? value : join(dirname(file), value)
}
