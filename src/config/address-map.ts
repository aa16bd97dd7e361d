import type { Findings } from './fault.ts'
import { parseHostPort } from './host-port.ts'
import type { IniEntry } from './ini-file.ts'
import { quote } from './quote.ts'

interface AddressPattern {
  readonly host: string
  /** `from`: undefined is every port; `to`: undefined keeps the port. */
  readonly port?: number
}

/** A line of [address_map]: an address as a storage registered it, and one that can be reached. */
export interface AddressMapping {
  readonly from: AddressPattern
  readonly to: AddressPattern
}

/** Lines `10.0.0.5:23000 = 127.0.0.1:33000` or `10.0.0.5 = storage1.local`. */
export function readAddressMap(entries: readonly IniEntry[], findings: Findings): AddressMapping[] {
  const seen = new Map<string, IniEntry>()
  return entries.flatMap((entry) => {
    const mapping = readMapping(entry, findings)
    if (mapping === undefined) return []
    const key = `${mapping.from.host.toLowerCase()} ${mapping.from.port ?? '*'}`
    const earlier = seen.get(key)
    if (earlier !== undefined) {
      findings.fault(entry, `${entry.name} is already mapped in ${earlier.file}:${earlier.line}`)
    }
    seen.set(key, entry)
    return [mapping]
  })
}

function readMapping(entry: IniEntry, findings: Findings): AddressMapping | undefined {
  const [from, to] = [parseHostPort(entry.name), parseHostPort(entry.value)]
  const wrong = from === undefined ? entry.name : entry.value
  if (from !== undefined && to !== undefined) return { from, to }
  findings.fault(entry, `${quote(wrong)} is not host or host:port (an IPv6 address in brackets)`)
  return undefined
}
