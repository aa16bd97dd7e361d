/** What storage_ids.conf, or a tracker's answer to FETCH_STORAGE_IDS, says of one storage. */
export interface StorageId {
  readonly id: number
  readonly groupName: string
  /** One address, or two of a storage in two networks. */
  readonly ipAddrs: readonly string[]
}

/** Lines `100001 group4 127.0.0.22:23000`; what is no such line is skipped. */
export function parseStorageIds(text: string): StorageId[] {
  return text.split('\n').flatMap((line) => {
    const [id = '', groupName = '', addresses = ''] = line.trim().split(/\s+/)
    if (!/^[0-9]+$/.test(id) || addresses === '') return []
    const ipAddrs = addresses.split(',').map(withoutPort)
    return [{ id: Number(id), groupName, ipAddrs }]
  })
}

/** The colons of an IPv6 address are its own, unless brackets set them off. */
function withoutPort(address: string): string {
  return address.replace(/^\[([^\]]+)\](?::[0-9]+)?$/, '$1').replace(/^([^:]+):[0-9]+$/, '$1')
}
