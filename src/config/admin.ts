import { secret, single } from './directive.ts'
import type { HostPort } from './host-port.ts'
import { hostPort, matching } from './kind.ts'
import type { Settings } from './settings.ts'

/** RFC 6750's b64token, and long enough not to be guessed. */
const TOKEN = matching(
  /^[A-Za-z0-9._~+/-]{16,256}=*$/,
  'string',
  'at least 16 letters, digits or any of . _ ~ + / -',
)

/** The listener for the operator. */
export interface AdminConf {
  readonly listen: HostPort
  /** Undefined: whoever reaches the listener may use it. */
  readonly token: string | undefined
}

export const ADMIN = {
  admin_listen: single(
    hostPort(),
    '127.0.0.1:8091',
    'Where the edge takes purges and tells its state, for operators alone',
  ),
  admin_token: secret(
    TOKEN,
    'What callers of admin_listen must send as a bearer token; the secret, file:/path or env:NAME',
  ),
} as const

export function buildAdmin(settings: Settings): AdminConf {
  return { listen: settings.get('admin_listen'), token: settings.get('admin_token') }
}
