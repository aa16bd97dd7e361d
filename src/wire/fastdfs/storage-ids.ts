import { i32, struct, u8 } from '../struct.ts'

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

const STORAGE_IDS_REQUEST = struct({ startIndex: i32, isEmptyAllowed: u8 })
const STORAGE_IDS_HEAD = struct({ totalCount: i32, currentCount: i32 })

export interface StorageIdsPage {
  readonly totalCount: number
  readonly currentCount: number
  /** Lines as in storage_ids.conf: `100001 group4 192.168.0.1:23000`. */
  readonly text: string
}

/** request of 69 => start_index[4] allow_empty[1] */
export function encodeStorageIdsRequest(startIndex: number): Buffer {
  return STORAGE_IDS_REQUEST.encode({ startIndex, isEmptyAllowed: 1 })
}

export function decodeStorageIdsRequest(body: Buffer): number {
  return STORAGE_IDS_REQUEST.decode(body).startIndex
}

/** reply of 69 => total_count[4] current_count[4] text */
export function decodeStorageIdsPage(body: Buffer): StorageIdsPage {
  const head = STORAGE_IDS_HEAD.decode(body)
  return { ...head, text: body.toString('utf8', STORAGE_IDS_HEAD.size) }
}

export function encodeStorageIdsPage(page: StorageIdsPage): Buffer {
  return Buffer.concat([STORAGE_IDS_HEAD.encode(page), Buffer.from(page.text)])
}
