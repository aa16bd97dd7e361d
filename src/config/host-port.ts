import { isIP, isIPv6 } from 'node:net'

/** `host` is a name or an address, IPv6 without brackets. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** One daemon under one or, in a cluster with two networks, several addresses. */
export interface Hosts {
  readonly hosts: readonly string[]
  readonly port?: number
}

const BRACKETED = /^\[([^[\]]*)\](?::([0-9]{1,5}))?$/
const PLAIN = /^([^:[\]]+)(?::([0-9]{1,5}))?$/
const NAME = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_])?\.?$/
/** What only digits and dots make up is an address, or a slip in one, but no name. */
const LIKE_ADDRESS = /^[0-9.]+$/
const MAX_HOSTS = 4

/**
 * hosts => host[,host]* [:port] | "[" host[,host]* "]" [:port]
 * FastDFS's form of an address (fdfs_parse_server_info_ex), also for two networks and for IPv6.
 */
export function parseHosts(text: string): Hosts | undefined {
  if (isIPv6(text)) return { hosts: [text] }
  const [, list = '', port] = BRACKETED.exec(text) ?? PLAIN.exec(text) ?? []
  const hosts = list.split(',').map((host) => host.trim())
  if (hosts.length > MAX_HOSTS || !hosts.every(isHost)) return undefined
  if (port === undefined) return { hosts }
  return isPort(Number(port)) ? { hosts, port: Number(port) } : undefined
}

/** One host with its port, if it has one. */
export function parseHostPort(text: string): { host: string; port?: number } | undefined {
  const { hosts = [], port } = parseHosts(text) ?? {}
  const [host] = hosts
  if (host === undefined || hosts.length > 1) return undefined
  return port === undefined ? { host } : { host, port }
}

function isHost(text: string): boolean {
  return isIP(text) !== 0 || (NAME.test(text) && !LIKE_ADDRESS.test(text))
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65535
}
