import type { Ref } from '../resolver/resolver.ts'
import { checkToken } from '../wire/token.ts'
import type { Query } from './query.ts'
import { nameOf } from './request-url.ts'

export interface TokenOptions {
  readonly secret: string
  readonly ttlSeconds: number
  /** The content of `token_check_fail`, sent instead of a text. */
  readonly failBody?: { readonly bytes: Buffer; readonly contentType: string }
}

/** The token is over the filename without its group, for FastDFS as for its C module. */
export function isTokenValid(
  url: { readonly ref: Ref; readonly query: Query },
  options: TokenOptions,
  nowSeconds: number,
): boolean {
  const { ref, query } = url
  const verdict = checkToken({
    filename: nameOf(ref),
    token: query.token,
    ts: query.ts,
    secret: options.secret,
    ttlSeconds: options.ttlSeconds,
    nowSeconds,
  })
  return verdict === 'ok'
}
