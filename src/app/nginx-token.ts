import type { EdgeConf } from '../config/index.ts'
import { formatMap, HEADER } from './nginx-values.ts'
import { tokenProofOf } from './trusted-proxies.ts'

/** RFC 4648, section 5. */
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const BYTES = Array.from({ length: 256 }, (_, byte) => byte)
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit)

/** An md5 has 32 hex digits, of which the last two are a byte of their own. */
const TRIPLES = Array.from({ length: 10 }, (_, triple) => triple)
const TS_DIGITS = { least: 10, most: 15 }

/**
 * token-maps.conf: a token in the terms of nginx's secure_link, which has an md5 and a clock. It wants the md5 in
 * base64url and the second until which it holds, where FastDFS has hex digits and the second from which; maps
 * turn one into the other. A script in their place (njs) costs more, and is one more module to install.
 */
export function formatTokenMaps({ antiSteal }: EdgeConf): string {
  return [
    HEADER,
    ...wordsMaps(antiSteal.tokenTtlSeconds),
    ...md5Maps(),
    // A preflight cannot have a token. Where a location has no `secure_link`, none is right.
    formatMap('$secure_link $dfs_token_fault', ['default $dfs_token_wanted;', '1 "";']),
    formatMap('$request_method $dfs_token_wanted', ['default yes;', 'OPTIONS "";']),
  ].join('\n')
}

/** What an inner location says for `$dfs_token_fault` to be found. @param name what its tokens are over */
export function formatTokenCheck(name: string): string {
  return `secure_link $dfs_token_words;\nsecure_link_md5 "${name}$dfs_token_secret$arg_ts";\n`
}

/** secret.conf: what only the master process may read. In a value of geo no character stands for a variable. */
export function formatSecret({ antiSteal: { secretKey } }: EdgeConf): string {
  return [
    HEADER,
    `geo $dfs_token_secret {\n    default "${secretKey.replace(/["\\]/g, '\\$&')}";\n}\n`,
    formatMap('"" $dfs_token_checked', [`default ${tokenProofOf(secretKey)};`]),
  ].join('\n')
}

/** What the maps of md5Maps include: six bits of a byte in hex, the upper or the lower ones, in base64url. */
export function formatSixBits(which: 'upper' | 'lower'): string {
  const lines = BYTES.map((byte) => {
    const bits = which === 'upper' ? byte >> 2 : byte & 0x3f
    return `${byte.toString(16).padStart(2, '0')} ${BASE64URL[bits]};\n`
  })
  return `${HEADER}\n${lines.join('')}`
}

/**
 * `$dfs_token_words`, the argument of secure_link: the md5, and `ts` and the time to live added up, digit by
 * digit from the last that is no 0 on, and one more for the digits in front if something is carried to them. A
 * `ts` of 0 never expires; one of less than ten digits did in the last millennium.
 */
function wordsMaps(ttlSeconds: number): string[] {
  const [ttl = '', nonZero = '', zeros = ''] = /^(.*?)(0*)$/.exec(`${ttlSeconds}`) ?? []
  const places = Array.from(nonZero, Number).reverse()
  const [least, most] = [TS_DIGITS.least - 1 - ttl.length, TS_DIGITS.most - 1 - ttl.length]
  const ts = [
    `(?<dfs_front>[1-9][0-9]{${least},${most}})`,
    ...places.map((_, place) => `(?<dfs_ts${place}>[0-9])`).reverse(),
    `(?<dfs_end>[0-9]{${zeros.length}})`,
  ]
  const until = ['$dfs_new_front', ...places.map((_, place) => `$dfs_sum${place}`).reverse()]
  return [
    formatMap('"$arg_token:$arg_ts" $dfs_token_words', [
      'default "";',
      `"~^${HEX}:${ts.join('')}\\z" "${MD5},${until.join('')}$dfs_end";`,
      `"~^${HEX}:0\\z" "${MD5}";`,
    ]),
    ...places.flatMap((summand, place) => sumMaps(summand, place, place === places.length - 1)),
    ...NEXT_FRONT,
  ]
}

/** The sum of a digit of `ts`, one of the time to live and what the place behind carries; what this one carries. */
function sumMaps(summand: number, place: number, isLast: boolean): string[] {
  const source = place === 0 ? '"0$dfs_ts0"' : `"$dfs_carry${place - 1}$dfs_ts${place}"`
  const sums = [0, 1].flatMap((carry) =>
    DIGITS.map((digit) => ({ key: `${carry}${digit}`, sum: carry + digit + summand })),
  )
  const [to, none, one] = isLast
    ? ['$dfs_new_front', '$dfs_front', '$dfs_next_front']
    : [`$dfs_carry${place}`, '0', '1']
  return [
    formatMap(
      `${source} $dfs_sum${place}`,
      sums.map(({ key, sum }) => `${key} ${sum % 10};`),
    ),
    formatMap(`${source} ${to}`, [
      `default ${none};`,
      ...sums.filter(({ sum }) => sum > 9).map(({ key }) => `${key} ${one};`),
    ]),
  ]
}

/** One more: the last digit that is no 9, and zeros for the nines behind it. */
const NEXT_FRONT = [
  formatMap('"0$dfs_front" $dfs_next_front', [
    '"~^(?<dfs_stay>[0-9]*)(?<dfs_grow>[0-8])(?<dfs_nines>9*)\\z" "$dfs_stay$dfs_grown$dfs_zeros";',
  ]),
  formatMap(
    '$dfs_grow $dfs_grown',
    DIGITS.slice(1).map((digit) => `${digit - 1} ${digit};`),
  ),
  formatMap('$dfs_nines $dfs_zeros', [
    'default "";',
    ...Array.from({ length: TS_DIGITS.most }, (_, index) => index + 1).map(
      (length) => `${'9'.repeat(length)} ${'0'.repeat(length)};`,
    ),
  ]),
]

/**
 * Three hex digits are two characters of base64url, the upper six bits of the first two digits and the lower six
 * of the last two: that is why the digit between them is looked at twice.
 */
const HEX = [
  '(?=[0-9a-f]{32}:)',
  ...TRIPLES.map((triple) => `(?=(?<dfs_upper${triple}>..)).(?<dfs_lower${triple}>..)`),
  '(?=(?<dfs_upper10>..)).(?<dfs_lower10>.)',
].join('')
const MD5 = [...TRIPLES, 10].map((triple) => `$dfs_u${triple}$dfs_l${triple}`).join('')

function md5Maps(): string[] {
  const upper = 'include "@DIR@/upper-six-bits.conf";'
  const lower = 'include "@DIR@/lower-six-bits.conf";'
  return [
    ...TRIPLES.flatMap((triple) => [
      formatMap(`$dfs_upper${triple} $dfs_u${triple}`, [upper]),
      formatMap(`$dfs_lower${triple} $dfs_l${triple}`, [lower]),
    ]),
    formatMap('$dfs_upper10 $dfs_u10', [upper]),
    // Of the last byte two bits are left, and four that are none.
    formatMap(`"\${dfs_lower10}0" $dfs_l10`, [lower]),
  ]
}
