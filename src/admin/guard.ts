import { createHash, timingSafeEqual } from 'node:crypto'
import { isIP } from 'node:net'

export interface GuardOptions {
  /** Undefined: whoever reaches the listener may use it. */
  readonly token: string | undefined
  /** The name or address that the listener was given. */
  readonly host: string
}

export interface AdminRefusal {
  readonly status: 401 | 403
  readonly error: string
}

/**
 * Who may use the admin listener. A page in a browser of this host reaches loopback too: it shows
 * itself by its Origin, or, where it has made its own name point here, by the Host that it asks for.
 */
export class Guard {
  readonly #tokenHash: Buffer | undefined
  readonly #host: string

  constructor({ token, host }: GuardOptions) {
    this.#tokenHash = token === undefined ? undefined : hash(token)
    this.#host = host.toLowerCase()
  }

  /** Undefined: go ahead. */
  refuse({ method, headers }: Request): AdminRefusal | undefined {
    if (isCrossSite(method, headers)) {
      return { status: 403, error: 'requests of pages of other sites are refused' }
    }
    if (this.#tokenHash === undefined) return this.#refuseHost(headers.get('host') ?? '')
    const given = tokenOf(headers.get('authorization') ?? '')
    if (given !== undefined && timingSafeEqual(hash(given), this.#tokenHash)) return undefined
    return { status: 401, error: 'the bearer token of admin_token is missing or wrong' }
  }

  #refuseHost(authority: string): AdminRefusal | undefined {
    const name = authority.replace(/:[0-9]*$/, '').toLowerCase()
    const isAddress = isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0
    if (isAddress || name === 'localhost' || name === this.#host) return undefined
    const error = 'without an admin_token this listener answers to an IP address as Host alone'
    return { status: 403, error }
  }
}

const BASIC = 'Basic realm="dfs-edge", charset="UTF-8"'

/** What to send the token by. A browser asks for a password only where nothing else is named. */
export function challengeFor(headers: Headers): string {
  const isBrowser = headers.get('accept')?.includes('text/html') ?? false
  return isBrowser ? BASIC : `Bearer, ${BASIC}`
}

/** The token of a script, or the password of a browser, whatever name it goes with. */
function tokenOf(authorization: string): string | undefined {
  const [, bearer] = /^Bearer +([^ ]+)$/i.exec(authorization) ?? []
  const [, basic] = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization) ?? []
  if (basic === undefined) return bearer
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? []
  return password
}

/** A link on another page may lead here; nothing else of it may, for browsers remember passwords. */
function isCrossSite(method: string, headers: Headers): boolean {
  const origin = headers.get('origin')
  if (origin !== null && origin !== `http://${headers.get('host')}`) return true
  const site = headers.get('sec-fetch-site') ?? 'none'
  if (site === 'same-origin' || site === 'none') return false
  const isLink = headers.get('sec-fetch-mode') === 'navigate'
  return !isLink || (method !== 'GET' && method !== 'HEAD')
}

/** Both of one length, whatever was given. */
function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
