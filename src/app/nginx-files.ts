import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EdgeConf } from '../config/index.ts'
import { ContentTypes } from '../http/content-type.ts'
import { formatAccel } from './nginx-accel.ts'
import { formatSecret, formatSixBits, formatTokenCheck, formatTokenMaps } from './nginx-token.ts'
import { formatServers, formatValues, quoteNginx } from './nginx-values.ts'

/** One file of what nginx includes. */
export interface NginxFile {
  /** Below the folder for all of them. */
  readonly name: string
  readonly content: string | Buffer
  /** For the eyes of nginx's master process only. */
  readonly isSecret: boolean
}

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
const INCLUDES = join(PACKAGE, 'nginx')
const PLACEHOLDER = /@([A-Z_]+)@/g

/**
 * The includes of `nginx/` with the values of a configuration filled in, and those that are nothing but
 * values. @param dir where they will lie. @throws CommandError for a value that nginx cannot be told
 */
export function createNginxFiles(conf: EdgeConf, dir: string): NginxFile[] {
  const fill = (text: string): string => fillIn(text, placeholders(conf, dir))
  const copied = readdirSync(INCLUDES).filter((name) => name.endsWith('.conf'))
  const texts: readonly (readonly [string, string])[] = [
    ...copied.map((name) => [name, readFileSync(join(INCLUDES, name), 'utf8')] as const),
    ['values.conf', formatValues(conf)],
    ['accel.conf', formatAccel(conf)],
    ['edge-servers.conf', formatServers(conf)],
    ['refuse_file.conf', formatRefusal(conf, '$dfs_file_name')],
    ['refuse_key.conf', formatRefusal(conf, '$dfs_key_name')],
    ['token-maps.conf', formatTokenMaps(conf)],
    ['upper-six-bits.conf', formatSixBits('upper')],
    ['lower-six-bits.conf', formatSixBits('lower')],
    ['njs/store-check.js', stripTypes(readFileSync(join(INCLUDES, 'njs/store-check.ts'), 'utf8'))],
  ]
  const files = texts.map(([name, text]) => ({ name, content: fill(text), isSecret: false }))
  return [...files, ...secretFiles(conf), ...deniedFiles(conf)]
}

function secretFiles(conf: EdgeConf): NginxFile[] {
  if (conf.antiSteal.secretKey === '') return []
  return [{ name: 'secret.conf', content: formatSecret(conf), isSecret: true }]
}

/** The picture for those without a token. */
function deniedFiles({ antiSteal }: EdgeConf): NginxFile[] {
  const { tokenCheckFail } = antiSteal
  if (tokenCheckFail === null) return []
  const name = deniedName(tokenCheckFail.filename)
  return [{ name, content: tokenCheckFail.content, isSecret: false }]
}

function typeOfDenied({ antiSteal, contentType }: EdgeConf): string {
  const types = new ContentTypes(contentType.mimeTypes, contentType.defaultType)
  return types.of(antiSteal.tokenCheckFail?.filename ?? '')
}

function deniedName(filename: string): string {
  return `denied${extname(filename).replace(/[^.A-Za-z0-9]/g, '')}`
}

function placeholders(conf: EdgeConf, dir: string): Readonly<Record<string, string>> {
  const { nginx, cacheControl, antiSteal } = conf
  const inQuotes = (text: string, what: string): string => quoteNginx(text, what).slice(1, -1)
  return {
    DIR: inQuotes(dir, '--out'),
    CACHE_PATH: inQuotes(nginx.cachePath, 'nginx_cache_path'),
    CACHE_SIZE: `${nginx.cacheBytes}`,
    SLICE_SIZE: `${nginx.sliceBytes}`,
    SMALL_DIGITS: `${`${nginx.sliceBytes}`.length - 1}`,
    CACHE_CONTROL: inQuotes(cacheControl.immutable, 'cache_control'),
    DENIED: deniedName(antiSteal.tokenCheckFail?.filename ?? ''),
    DENIED_TYPE: inQuotes(typeOfDenied(conf), 'http.mime_types_filename'),
  }
}

/** A placeholder without a value is a word of its own, in a comment. */
function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(PLACEHOLDER, (whole, name: string) => values[name] ?? whole)
}

/** The beginning of every inner location. @param name what tokens are over there */
function formatRefusal({ antiSteal }: EdgeConf, name: string): string {
  const check = antiSteal.secretKey === '' ? '' : formatTokenCheck(name)
  const answer =
    antiSteal.tokenCheckFail === null ? 'return 403;' : 'rewrite ^ $dfs_denied_next last;'
  return `# The token check, in front of disk and cache; part of the module includes.

${check}set $dfs_no_store "";
if ($dfs_refused) {
    set $dfs_no_store no-store;
    ${answer}
}
`
}

function stripTypes(text: string): string {
  const { emitWarning } = process
  // Node says that this is experimental; the output is held against njs by tests.
  process.emitWarning = () => undefined
  try {
    return stripTypeScriptTypes(text)
      .replace(/[ \t]+$/gm, '')
      .replace(/\n{3,}/g, '\n\n')
  } finally {
    process.emitWarning = emitWarning
  }
}
