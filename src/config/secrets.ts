import { readBoundedFile } from './bounded-file.ts'
import { type DirectiveName, directive, directiveNamed } from './directives.ts'
import type { Findings } from './fault.ts'
import type { IniEntry } from './ini-file.ts'
import { quote } from './quote.ts'
import { pathFrom } from './settings.ts'

const MAX_FILE_BYTES = 16 * 1024
const READABLE_BY_ALL = 0o004
const REFERENCE = /^(file|env):(.*)$/s
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/
const CONTROL = /[^\t\P{Cc}]|\uFFFD/u

/** Stands for a secret that has had its fault, and is one that the setting would take, and no other line has. */
function standIn(name: DirectiveName, { line }: IniEntry): string {
  return name === 'db_dsn' ? `DBI:mysql:unreadable:host=line${line}` : 'unreadable-secret'
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * Whether a line says where its secret is, instead of what: `file:/path`, `env:NAME`. A secret that
 * itself begins so has to stand in a file: what is read there is taken as it is.
 */
export function isReference(name: DirectiveName, value: string): boolean {
  return directive(name).isSecret && REFERENCE.test(value)
}

/** The settings with the secrets that their lines refer to. A fault names the line and the place. */
export function resolveSecrets(
  entries: readonly IniEntry[],
  findings: Findings,
  env: Env = process.env,
): IniEntry[] {
  return entries.map((entry) => {
    const name = directiveNamed(entry.name)
    if (name === undefined || !isReference(name, entry.value)) return entry
    const [, kind, target = ''] = REFERENCE.exec(entry.value) ?? []
    const where = { ...entry, value: target }
    const read = kind === 'file' ? readFile(where, findings) : readVariable(where, env)
    const fault = 'fault' in read ? read.fault : faultOf(name, read.secret)
    if (fault !== undefined) findings.fault(entry, `${name}: ${quote(entry.value)} ${fault}`)
    const isGood = 'secret' in read && fault === undefined
    return { ...entry, value: isGood ? read.secret : standIn(name, entry) }
  })
}

type SecretRead = { readonly secret: string } | { readonly fault: string }

function readFile(entry: IniEntry, findings: Findings): SecretRead {
  if (entry.value === '') return { fault: 'names no file' }
  const read = readBoundedFile(pathFrom(entry), MAX_FILE_BYTES)
  if (!read.isRead) return { fault: `cannot be read: ${read.reason}` }
  if ((read.mode & READABLE_BY_ALL) !== 0) {
    const message = `${entry.name}: the file ${quote(entry.value)} can be read by every user of this host`
    findings.warn(entry, message)
  }
  return { secret: read.content.toString('utf8').replace(/\r?\n$/, '') }
}

function readVariable({ value: name }: IniEntry, env: Env): SecretRead {
  if (!VARIABLE.test(name)) return { fault: 'names no environment variable' }
  const secret = env[name]
  return secret === undefined ? { fault: 'is not set in the environment' } : { secret }
}

function faultOf(name: DirectiveName, secret: string): string | undefined {
  if (secret === '') return 'is empty'
  if (CONTROL.test(secret)) return 'holds more than one line of text'
  const { accepts, explain, expected } = directive(name)
  return accepts(secret) ? undefined : (explain(secret) ?? `is not ${expected}`)
}
