import type { Findings } from './fault.ts'
import { quote } from './quote.ts'

/** File extension in lower case, without its dot, to media type. */
export type MimeTypes = ReadonlyMap<string, string>

interface Statement {
  readonly line: number
  readonly words: readonly string[]
}

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/

/**
 * mime.types of FastDFS and Apache (`type ext ext`, a line each) and of nginx
 * (`types { type ext ext; .. }`). Of several types of one extension the last counts.
 */
export function parseMimeTypes(text: string, file: string, findings: Findings): MimeTypes {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
  const isNginx = lines.some((line) => /^types\s*\{/.test(line))
  const types = new Map<string, string>()
  for (const { line, words } of isNginx ? nginxStatements(lines) : apacheStatements(lines)) {
    const [type = '', ...extensions] = words
    if (!MEDIA_TYPE.test(type)) findings.fault({ file, line }, `${quote(type)} is no media type`)
    else for (const extension of extensions) types.set(extension.toLowerCase(), type)
  }
  return types
}

function apacheStatements(lines: readonly string[]): Statement[] {
  return lines.flatMap((line, index) =>
    line === '' ? [] : [{ line: index + 1, words: line.split(/\s+/) }],
  )
}

/** A statement ends with its semicolon, which may stand in a later line. */
function nginxStatements(lines: readonly string[]): Statement[] {
  const statements: Statement[] = []
  let words: string[] = []
  for (const [index, line] of lines.entries()) {
    for (const token of line.replace(/^types\s*\{/, '').match(/[^\s;{}]+|[;{}]/g) ?? []) {
      if (!/^[;{}]$/.test(token)) words.push(token)
      else if (words.length > 0) {
        statements.push({ line: index + 1, words })
        words = []
      }
    }
  }
  return statements
}
