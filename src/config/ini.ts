/** One line of FastDFS's ini syntax that says something. */
export type IniLine =
  | { readonly kind: 'entry'; readonly name: string; readonly value: string }
  | { readonly kind: 'section'; readonly name: string }
  | { readonly kind: 'include'; readonly target: string }
  | { readonly kind: 'fault'; readonly message: string }
  | { readonly kind: 'warning'; readonly message: string }

/** Far more than FastDFS's own 63 bytes of name and 255 of value. */
const MAX_LINE = 8192
const INCLUDE = /^#include[ \t](.*)$/i
const DIRECTIVE_OF_PREPROCESSOR = /^#(@[A-Za-z_]+)/
const SECTION = /^\[(.*)\]$/
/** Any control character but the tab. */
const CONTROL = /[^\t\P{Cc}]/u

/** The lines of a file with their numbers, from 1. Accepts CRLF and a byte order mark. */
export function* parseIni(
  text: string,
): Generator<{ readonly line: number; readonly says: IniLine }> {
  let line = 0
  for (const raw of text.replace(/^\uFEFF/, '').split('\n')) {
    line++
    const says = parseIniLine(raw.trim())
    if (says !== undefined) yield { line, says }
  }
}

/**
 * As libfastcommon's ini_file_reader.c: iniDoLoadItemsFromBuffer reads a line: `#include FILE` needs
 * the # at the very beginning, any other # there is a comment, a # further on belongs to the value,
 * the first = ends the name. Where it silently skips or cuts, this is a fault.
 * Faults never quote a line: it may be the one of a secret.
 */
export function parseIniLine(line: string): IniLine | undefined {
  if (line === '') return undefined
  if (line.length > MAX_LINE) return fault(`the line is longer than ${MAX_LINE} characters`)
  if (line.startsWith('#')) return parseComment(line)
  if (line.includes('\0')) return fault('a NUL byte: this is no text file, or one in UTF-16')
  if (CONTROL.test(line)) return fault('a control character in the line')
  if (line.includes('\uFFFD')) return fault('the line is not UTF-8 text')
  const section = SECTION.exec(line)
  if (section?.[1] !== undefined) return { kind: 'section', name: section[1].trim() }
  return parseEntry(line)
}

function parseComment(line: string): IniLine | undefined {
  const target = INCLUDE.exec(line)?.[1]?.trim()
  if (target !== undefined) return parseInclude(target)
  const word = DIRECTIVE_OF_PREPROCESSOR.exec(line)?.[1]
  if (word === undefined) return undefined
  return {
    kind: 'warning',
    message: `#${word} is not carried out here: every line around it counts as it stands`,
  }
}

function parseInclude(target: string): IniLine {
  if (/^https?:/i.test(target)) return fault('#include takes a file, not an address on the network')
  const file = target.replace(/^file:\/\//i, '')
  if (file === '') return fault('#include names no file')
  if (CONTROL.test(file)) return fault('a control character in the name of an #include')
  return { kind: 'include', target: file }
}

function parseEntry(line: string): IniLine {
  const equals = line.indexOf('=')
  if (equals === -1) return fault('the line has no =: it is neither a setting nor a comment')
  const name = line.slice(0, equals).trim()
  if (name === '') return fault('there is no name before the =')
  return { kind: 'entry', name, value: line.slice(equals + 1).trim() }
}

function fault(message: string): IniLine {
  return { kind: 'fault', message }
}
