// Whether a token is right, for njs 0.7.9 and later (and Node, in tests): hence the restrained language, the
// default imports and the default export. njs makes every function and object of a script anew for each
// request, so there is one function here, and what maps can do is in the variables that it reads.
import token from '../../src/wire/token.ts'

/** From token.json, which only the master process of nginx can read (js_preload_object). */
declare const dfs_token: {
  readonly secret: string
  readonly ttlSeconds: number
}

/** What is used of an njs request. */
interface NginxRequest {
  readonly method: string
  readonly variables: {
    /** A key without its domain, a file of FastDFS without its group. */
    readonly dfs_token_name?: string
    readonly arg_token?: string
    readonly arg_ts?: string
  }
}

/** What is wrong with a request's token; empty: nothing. A preflight cannot have one. */
function tokenFault(request: NginxRequest): string {
  if (request.method === 'OPTIONS') return ''
  const variables = request.variables
  const verdict = token.checkToken({
    filename: variables.dfs_token_name ?? '',
    token: variables.arg_token,
    ts: variables.arg_ts,
    secret: dfs_token.secret,
    ttlSeconds: dfs_token.ttlSeconds,
    nowSeconds: Date.now() / 1000,
  })
  return verdict === 'ok' ? '' : verdict
}

export default { tokenFault }
