import type { Findings } from './fault.ts'
import { parseHosts } from './host-port.ts'
import { quote } from './quote.ts'

/** One line of storage_ids.conf. */
export interface StorageId {
  readonly id: number
  readonly groupName: string
  /** One address, or two of a storage in two networks. */
  readonly ipAddrs: readonly string[]
  readonly port: number
}

const DEFAULT_PORT = 23000
/** FDFS_MAX_SERVER_ID: file ids keep 24 bits. */
const MAX_ID = 2 ** 24 - 1

/** The lines of a storage_ids.conf: `100001 group1 192.168.0.196[,10.0.0.7][:23000] [rw=none]`. */
export function parseStorageIds(text: string, file: string, findings: Findings): StorageId[] {
  const storages: StorageId[] = []
  const seen = new Map<string, number>()
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const place = { file, line: index + 1 }
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const storage = parseStorage(line)
    if (typeof storage === 'string') {
      findings.fault(place, storage)
      continue
    }
    const earlier = seen.get(`${storage.groupName} ${storage.id}`)
    if (earlier !== undefined) findings.fault(place, `id ${storage.id} is also in line ${earlier}`)
    seen.set(`${storage.groupName} ${storage.id}`, place.line)
    storages.push(storage)
  }
  if (storages.length === 0) findings.fault({ file }, 'lists no storage')
  return storages
}

/** The storage, or what is wrong. Options such as rw=none are the tracker's business. */
function parseStorage(line: string): StorageId | string {
  const [id = '', groupName = '', address = ''] = line.split(/\s+/)
  if (!/^[1-9][0-9]{0,7}$/.test(id) || Number(id) > MAX_ID) {
    return `${quote(id)} is not an id from 1 to ${MAX_ID}`
  }
  if (!/^[A-Za-z0-9]{1,16}$/.test(groupName)) {
    return `${quote(groupName)} is not a group name of 1 to 16 letters and digits`
  }
  const { hosts, port = DEFAULT_PORT } = parseHosts(address) ?? {}
  if (hosts === undefined) return `${quote(address)} is not an address such as 192.168.0.196:23000`
  return { id: Number(id), groupName, ipAddrs: hosts, port }
}
