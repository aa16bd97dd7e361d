// Whether a file on a store path is whole, for njs 0.7.9 and later (and Node, in tests), as token-check.ts.
import fs from 'fs'

/** What is used of an njs request. */
interface NginxRequest {
  readonly variables: { readonly dfs_file?: string }
}

const NAME_CHARS = 27

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

export default { isBroken }
