import type { Findings } from './fault.ts'
import type { IniEntry } from './ini-file.ts'
import { quote } from './quote.ts'

/** The MogileFS domain that a host name stands for; names in lower case. */
export interface Vhosts {
  readonly exact: ReadonlyMap<string, string>
  /** `.example.com` for the line `*.example.com`. */
  readonly wildcards: ReadonlyMap<string, string>
}

const HOST_NAME = /^(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/
const MAX_HOST_NAME = 253
/** domain.namespace is varchar(255). A blank and # would rather be a comment. */
const DOMAIN = /^(?!.*\s#).{1,255}$/su

/**
 * The domain for the host of a request, given without a port; undefined: the path begins with one.
 * The exact name goes first, then the longest `*.`, which stands for one or more labels as in nginx.
 */
export function domainOfHost({ exact, wildcards }: Vhosts, host: string): string | undefined {
  if (host.length > MAX_HOST_NAME + 1) return undefined
  const name = normalize(host)
  const domain = exact.get(name)
  if (domain !== undefined || wildcards.size === 0) return domain
  for (let dot = name.indexOf('.', 1); dot !== -1; dot = name.indexOf('.', dot + 1)) {
    const found = wildcards.get(name.slice(dot))
    if (found !== undefined) return found
  }
  return undefined
}

/** Lines `img.example.com = img` or `*.example.com = img`. */
export function readVhosts(entries: readonly IniEntry[], findings: Findings): Vhosts {
  const seen = new Map<string, IniEntry>()
  for (const entry of entries) {
    const name = normalize(entry.name)
    if (!isVhost(name, entry, findings)) continue
    const earlier = seen.get(name)
    if (earlier === undefined) seen.set(name, entry)
    else {
      findings.fault(entry, `${entry.name} already has a domain in ${earlier.file}:${earlier.line}`)
    }
  }
  const domains = [...seen].map(([name, { value }]) => [name, value] as const)
  const isWildcard = ([name]: readonly [string, string]) => name.startsWith('*')
  return {
    exact: new Map(domains.filter((one) => !isWildcard(one))),
    wildcards: new Map(domains.filter(isWildcard).map(([name, domain]) => [name.slice(1), domain])),
  }
}

function isVhost(name: string, entry: IniEntry, findings: Findings): boolean {
  const isHost = name.length <= MAX_HOST_NAME && HOST_NAME.test(name)
  const isDomain = DOMAIN.test(entry.value)
  if (!isHost) {
    const form = 'a host name such as img.example.com or *.example.com, without a port'
    findings.fault(entry, `${quote(entry.name)} is not ${form}`)
  }
  if (!isDomain) {
    const form = 'a domain of 1 to 255 characters (a comment needs a line of its own)'
    findings.fault(entry, `${quote(entry.value)} is not ${form}`)
  }
  return isHost && isDomain
}

/** RFC 1034 3.1: a name may end with the dot of the root, and case says nothing. */
function normalize(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}
