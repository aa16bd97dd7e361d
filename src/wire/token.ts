// The anti-steal token of FastDFS: md5(filename without group + secret + ts), lower-case hex.
// Source: fastdfs-nginx-module.md, "token rules". nginx is told the same by maps, app/nginx-token.ts.
import { createHash } from 'node:crypto'

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

const TIME = /^(?:0|[1-9][0-9]{0,14})$/

export function createToken(filename: string, ts: string, secret: string): string {
  return createHash('md5')
    .update(filename + secret + ts)
    .digest('hex')
}

/**
 * FastDFS's rule, with one difference: `ts` must be a whole number, where the C module takes
 * "12xyz" for 12 and any other word for 0, which never expires.
 */
export function checkToken(check: TokenCheck): TokenVerdict {
  const { token: given, ts: time } = check
  if (!given || !time) return 'missing'
  const isRight = given === createToken(check.filename, time, check.secret)
  if (!TIME.test(time)) return 'malformed'
  if (!isRight) return 'wrong'
  const ts = Number(time)
  return ts !== 0 && check.nowSeconds - ts > check.ttlSeconds ? 'expired' : 'ok'
}
