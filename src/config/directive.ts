import type { Kind } from './kind.ts'

/** One setting: what it takes, what it is when nothing is said, and what it is for. */
export interface Directive<T> {
  /** For the table of settings. */
  readonly kind: string
  /** Ends the sentence "... is not". */
  readonly expected: string
  /** As they would stand in the file, one for each line; empty: not set. */
  readonly defaults: readonly string[]
  /** One line for the table of settings. */
  readonly doc: string
  readonly isRepeatable: boolean
  /** The value must not show in messages. */
  readonly isSecret: boolean
  accepts(text: string): boolean
  /** What is wrong with a text, where that can be said better than by `expected`. */
  explain(text: string): string | undefined
  /** The value of all lines of this setting; lines that are not accepted count as absent. */
  read(texts: readonly string[]): T
}

/** A setting that always has a value; of several lines the last one counts, as in FastDFS. */
export function single<T>(kind: Kind<T>, defaultText: string, doc: string): Directive<T> {
  return {
    ...describe(kind, [defaultText], doc),
    accepts: (text) => kind.parse(text) !== undefined,
    read: (texts) => lastValue(kind, texts) ?? requiredValue(kind, defaultText),
  }
}

/** A setting that may be left out or left empty. */
export function optional<T>(kind: Kind<T>, doc: string): Directive<T | undefined> {
  return {
    ...describe(kind, [], doc),
    accepts: (text) => text === '' || kind.parse(text) !== undefined,
    read: (texts) => (texts.at(-1) === '' ? undefined : lastValue(kind, texts)),
  }
}

export function secret(kind: Kind<string>, doc: string): Directive<string | undefined> {
  return { ...optional(kind, doc), isSecret: true }
}

/** A setting of which every line counts. */
export function repeated<T>(
  kind: Kind<T>,
  defaults: readonly string[],
  doc: string,
): Directive<readonly T[]> {
  return {
    ...describe(kind, defaults, doc),
    isRepeatable: true,
    accepts: (text) => kind.parse(text) !== undefined,
    read: (texts) =>
      (texts.length === 0 ? defaults : texts).flatMap((text) => toList(kind.parse(text))),
  }
}

function describe<T>(kind: Kind<T>, defaults: readonly string[], doc: string) {
  const { label, expected } = kind
  const explain = (text: string) => kind.explain?.(text)
  return { kind: label, expected, explain, defaults, doc, isRepeatable: false, isSecret: false }
}

function lastValue<T>(kind: Kind<T>, texts: readonly string[]): T | undefined {
  return texts.flatMap((text) => toList(kind.parse(text))).at(-1)
}

/** Not a plain flatMap: the values themselves may be lists. */
function toList<T>(value: T | undefined): T[] {
  return value === undefined ? [] : [value]
}

function requiredValue<T>(kind: Kind<T>, text: string): T {
  const value = kind.parse(text)
  if (value === undefined) throw new Error(`a default is not ${kind.expected}: ${text}`)
  return value
}
