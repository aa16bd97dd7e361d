import type { Command } from 'commander'
import type { MogilefsKey } from '../../client/mogilefs-file.ts'
import type { ClusterFlags } from '../cluster-flags.ts'
import { CommandError, EXIT } from '../exit-code.ts'
import { addMogilefsFlags } from '../open-mogilefs.ts'

export interface DomainFlags extends ClusterFlags {
  readonly domain: string
}

/** The flags of a command about one key. */
export interface KeyFlags extends DomainFlags {
  readonly key?: string
}

export function addDomainFlags(command: Command): Command {
  return addMogilefsFlags(command.requiredOption('--domain <name>', 'the domain of the key'))
}

export function addKeyFlags(command: Command): Command {
  return addDomainFlags(command.option('--key <key>', 'the key; --key=-x where it begins with -'))
}

/** dkey is varchar(255), which counts characters. */
const KEY_MAX_CHARS = 255

/** A key that a file can have. @throws CommandError */
export function requireKey(text: string | undefined, which = 'a key'): string {
  if (text === undefined || text === '') {
    throw new CommandError(`${which} is missing`, EXIT.USAGE)
  }
  const { length } = Array.from(text)
  if (length <= KEY_MAX_CHARS) return text
  const message = `${which} has at most ${KEY_MAX_CHARS} characters, this one has ${length}`
  throw new CommandError(message, EXIT.USAGE)
}

/** The key that `--key` names, else the first word, and the word after it. */
export function takeKey(
  { domain, key }: KeyFlags,
  words: readonly (string | undefined)[],
): MogilefsKey & { readonly next: string | undefined } {
  const given = words.filter((word) => word !== undefined)
  const [first, next] = key === undefined ? given : [key, ...given]
  const spare = key === undefined ? undefined : given[words.length - 1]
  if (spare === undefined) return { domain, key: requireKey(first), next }
  throw new CommandError(`"${spare}" is one word too many beside --key`, EXIT.USAGE)
}

export function noSuchKey({ domain, key }: MogilefsKey): CommandError {
  return new CommandError(`there is no key ${JSON.stringify(key)} in the domain ${domain}`)
}

export function noSuchDomain(domain: string): CommandError {
  return new CommandError(`there is no domain ${domain}`)
}

/** What can be said as a word or by a flag, but not both ways at once. */
export function onlyOne(
  word: string | undefined,
  flag: string | undefined,
  name: string,
): string | undefined {
  if (word === undefined || flag === undefined) return word ?? flag
  throw new CommandError(`"${word}" is one word too many beside ${name}`, EXIT.USAGE)
}
