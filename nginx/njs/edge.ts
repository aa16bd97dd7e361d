// What nginx cannot do by itself, for njs 0.7.9 and later (and Node, in tests): hence the restrained
// language, the default imports and the default export. Everything here is synchronous and small.
import fs from 'fs'
import token from '../../src/wire/token.ts'

/** From token.json, which only the master process of nginx can read (js_preload_object). */
declare const dfs_token: {
  readonly secret: string
  readonly ttlSeconds: number
  readonly hasGroupName: boolean
}

/** What is used of an njs request. */
interface NginxRequest {
  readonly method: string
  readonly variables: {
    readonly dfs_uri?: string
    readonly dfs_key?: string
    readonly dfs_is_key?: string
    readonly dfs_file?: string
    readonly arg_token?: string
    readonly arg_ts?: string
  }
}

const NAME_CHARS = 27

/** What is wrong with a request's token; empty: nothing. A preflight cannot have one. */
function tokenFault(request: NginxRequest): string {
  if (request.method === 'OPTIONS') return ''
  const verdict = token.checkToken({
    filename: filenameOf(request.variables),
    token: request.variables.arg_token,
    ts: request.variables.arg_ts,
    secret: dfs_token.secret,
    ttlSeconds: dfs_token.ttlSeconds,
    nowSeconds: Date.now() / 1000,
  })
  return verdict === 'ok' ? '' : verdict
}

/** A key without its domain, a file of FastDFS without its group. */
function filenameOf(variables: NginxRequest['variables']): string {
  const isKey = variables.dfs_is_key === '1'
  const path = (isKey ? variables.dfs_key : variables.dfs_uri) ?? ''
  return path.slice(isKey || dfs_token.hasGroupName ? path.indexOf('/', 1) + 1 : 1)
}

/** Of a normal file: 1 if it is not as long as its id says, or not there; empty: all is well. */
function isBroken(request: NginxRequest): string {
  const path = request.variables.dfs_file ?? ''
  const start = path.lastIndexOf('/') + 1
  const id = Buffer.from(path.slice(start, start + NAME_CHARS), 'base64url')
  const high = id.readUInt32BE(8)
  const low = id.readUInt32BE(12)
  // Below 4 GiB bit 63 is set and what follows it is random; above, this is the plain size.
  const size = high >= 2 ** 31 ? low : high * 2 ** 32 + low
  try {
    return fs.statSync(path).size === size ? '' : '1'
  } catch (_notThere) {
    return '1'
  }
}

export default { tokenFault, isBroken }
