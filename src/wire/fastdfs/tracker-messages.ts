import { EdgeError } from '../../errors.ts'
import { i64, type Struct, struct, text } from '../struct.ts'

// All that a tracker is asked and says is imported from here.
export * from './group-stats.ts'
export {
  decodeStorageIdsPage,
  decodeStorageIdsRequest,
  encodeStorageIdsPage,
  encodeStorageIdsRequest,
  type StorageIdsPage,
} from './storage-ids.ts'
export * from './storage-stats.ts'

/** A name inside FastDFS: the group, and `M00/00/00/..` without it. */
export interface FileName {
  readonly groupName: string
  readonly filename: string
}

export interface ServerAddress {
  readonly ipAddr: string
  readonly port: number
}

export interface ServerList {
  readonly groupName: string
  readonly servers: readonly ServerAddress[]
}

/** Where to upload to. `storePathIndex` 255 leaves the choice to the storage. */
export interface StoreTarget extends ServerList {
  readonly storePathIndex: number
}

/**
 * Bytes of an ip_addr in a structure: 16, or 46 where the cluster may have IPv6 addresses
 * (`response_ip_addr_size`). Trackers send one byte less: no room for the NUL.
 */
export type AddressWidth = 16 | 46

export const GROUP_NAME = text(16)
const GROUP_ONLY = struct({ groupName: GROUP_NAME })

/** request of 90, 92, 104, 107 => group_name[16] */
export function encodeGroupName(groupName: string): Buffer {
  return GROUP_ONLY.encode({ groupName })
}

export function decodeGroupName(body: Buffer): string {
  return GROUP_ONLY.decode(body).groupName
}

/** request of 102, 103, 105, 12, 15, 22 and reply of 11, 21, 23, 38 => group_name[16] filename */
export function encodeFileName({ groupName, filename }: FileName): Buffer {
  return Buffer.concat([encodeGroupName(groupName), Buffer.from(filename)])
}

export function decodeFileName(body: Buffer): FileName {
  return { groupName: decodeGroupName(body), filename: body.toString('utf8', GROUP_NAME.size) }
}

const ADDRESS = {
  16: struct({ ipAddr: text(15), port: i64 }),
  46: struct({ ipAddr: text(45), port: i64 }),
} as const
const IP_ONLY = { 16: struct({ ipAddr: text(15) }), 46: struct({ ipAddr: text(45) }) } as const

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65_535
}

/**
 * The width of a reply that holds at least one server. Its length does not tell: 69 bytes are one
 * server 46 wide, or three 16 wide of an old tracker. The content does: in a 16 wide reply a port
 * stands at offset 31; in a 46 wide one that is inside the address, NULs or text.
 */
function addressWidth(body: Buffer): AddressWidth {
  const portOf = (width: AddressWidth): number => {
    const offset = GROUP_NAME.size + ADDRESS[width].size - i64.size
    if (body.length < offset + i64.size || body.readUInt32BE(offset) !== 0) return 0
    return i64.read(body, offset)
  }
  if (isPort(portOf(16))) return 16
  if (isPort(portOf(46))) return 46
  throw new EdgeError('protocol_error', `${body.length} bytes hold no server address`)
}

function areUsable(servers: readonly ServerAddress[]): boolean {
  return servers.every(({ ipAddr, port }) => ipAddr !== '' && isPort(port))
}

function requireUsable(servers: readonly ServerAddress[]): readonly ServerAddress[] {
  if (areUsable(servers)) return servers
  throw new EdgeError('protocol_error', 'a server list with an empty address or no port')
}

/** reply of 102, 103 => group_name[16] ip_addr[15|45] port[8] */
export function decodeServer(body: Buffer): ServerList {
  const address = ADDRESS[addressWidth(body)]
  if (body.length !== GROUP_NAME.size + address.size) {
    throw new EdgeError('protocol_error', `a server reply of ${body.length} bytes`)
  }
  const servers = requireUsable([address.decode(body, GROUP_NAME.size)])
  return { groupName: decodeGroupName(body), servers }
}

/**
 * reply of 105 => group_name[16] (ip_addr[15|45] port[8])*  since 6.16, before that
 *                 group_name[16] ip_addr[15|45] port[8] ip_addr[15|45]*
 * Without any server it is the bare group name.
 */
export function decodeServers(body: Buffer): ServerList {
  const groupName = decodeGroupName(body)
  if (body.length === GROUP_NAME.size) return { groupName, servers: [] }
  const width = addressWidth(body)
  const address = ADDRESS[width]
  if ((body.length - GROUP_NAME.size) % address.size === 0) {
    const servers = decodeAddresses(body, address)
    if (servers !== undefined) return { groupName, servers }
  }
  const first = address.decode(body, GROUP_NAME.size)
  const others = IP_ONLY[width].decodeAll(body, GROUP_NAME.size + address.size)
  const servers = [first, ...others.map(({ ipAddr }) => ({ ipAddr, port: first.port }))]
  return { groupName, servers: requireUsable(servers) }
}

/** The servers as addresses with ports, or undefined where that reading makes no sense. */
function decodeAddresses(
  body: Buffer,
  address: Struct<ServerAddress>,
): readonly ServerAddress[] | undefined {
  try {
    const servers = address.decodeAll(body, GROUP_NAME.size)
    return areUsable(servers) ? servers : undefined
  } catch {
    // Text where a port should be is no int64 of ours: the form without ports is left.
    return undefined
  }
}

export function encodeServers({ groupName, servers }: ServerList, width: AddressWidth): Buffer {
  const addresses = servers.map((server) => ADDRESS[width].encode(server))
  return Buffer.concat([encodeGroupName(groupName), ...addresses])
}

/** reply of 105 before 6.16: the servers behind the first have no port of their own. */
export function encodeOldServers({ groupName, servers }: ServerList, width: AddressWidth): Buffer {
  const [first, ...others] = servers
  if (first === undefined) return encodeGroupName(groupName)
  const addresses = others.map((server) => IP_ONLY[width].encode(server))
  return Buffer.concat([encodeServers({ groupName, servers: [first] }, width), ...addresses])
}

/** reply of 101, 104 (one server), 106, 107 (all) => group_name[16] (ip_addr port)* path_index[1] */
export function decodeStoreTarget(body: Buffer): StoreTarget {
  const last = body.length - 1
  if (last < GROUP_NAME.size) {
    throw new EdgeError('protocol_error', `a store reply of ${body.length} bytes`)
  }
  return { ...decodeServers(body.subarray(0, last)), storePathIndex: body.readUInt8(last) }
}

export function encodeStoreTarget(target: StoreTarget, width: AddressWidth): Buffer {
  return Buffer.concat([encodeServers(target, width), Buffer.from([target.storePathIndex])])
}
