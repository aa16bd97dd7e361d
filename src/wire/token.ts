// The anti-steal token of FastDFS: md5(filename without group + secret + ts), lower-case hex.
// Runs in Node and in njs 0.7.9 as well, hence the restrained language, the default import and the
// default export. Source: fastdfs-nginx-module.md, "token rules".
import crypto from 'crypto'

export type TokenVerdict = 'ok' | 'missing' | 'malformed' | 'wrong' | 'expired'

export interface TokenCheck {
  /** What the URL names, without the group and without a leading slash: `M00/00/00/..`. */
  readonly filename: string
  readonly token: string | undefined
  /** The `ts` argument as it stands in the URL: unix seconds, or 0 for "never expires". */
  readonly ts: string | undefined
  readonly secret: string
  readonly ttlSeconds: number
  readonly nowSeconds: number
}

const TIME_CHARS = 15

function createToken(filename: string, ts: string, secret: string): string {
  return crypto
    .createHash('md5')
    .update(filename + secret + ts)
    .digest('hex')
}

/**
 * FastDFS's rule, with one difference: `ts` must be a whole number, where the C module takes
 * "12xyz" for 12 and any other word for 0, which never expires.
 */
function checkToken(check: TokenCheck): TokenVerdict {
  const given = check.token
  const time = check.ts
  if (!given || !time) return 'missing'
  // Engines compare 32 bytes in one step or two, whatever is equal. A comparison in constant time of the
  // script's own takes njs as long as the md5.
  const isRight = given === createToken(check.filename, time, check.secret)
  const ts = Number(time)
  // Digits without a leading zero. A regular expression costs njs as much as an md5.
  if (!(ts >= 0) || ts % 1 !== 0 || time.length > TIME_CHARS || `${ts}` !== time) return 'malformed'
  if (!isRight) return 'wrong'
  return ts !== 0 && check.nowSeconds - ts > check.ttlSeconds ? 'expired' : 'ok'
}

export default { createToken, checkToken }
