import { timingSafeEqual } from 'node:crypto'
import { BlockList, isIPv6 } from 'node:net'
import type { RequestHeaders } from './message.ts'

/** Who asks, and what the proxy in front has vouched for. */
export interface Caller {
  /** The client's, where a trusted proxy names it, else that of the connection. */
  readonly address: string
  /** It is a proxy of `trusted_proxy` that asks. */
  readonly isTrusted: boolean
  /** The proxy's id of the request, under which its log has it. */
  readonly requestId: string | undefined
  /** The proxy has decided about the token: the URL comes without it. */
  readonly isTokenChecked: boolean
  /** The MogileFS domain that the proxy's own configuration says: the whole path is the key. */
  readonly domain: string | undefined
  /** The proxy keeps MogileFS content by fid: these bytes are wanted, or none. */
  readonly fid: number | undefined
  /** Query arguments whose bytes cannot stand in a URL, a character for each byte. */
  readonly rawArgs: string | undefined
  /** The proxy asks what a key stands for, as of at most so long ago, and for no content. */
  readonly questionMaxAgeMs: number | undefined
}

export interface ProxyTrust {
  /** `127.0.0.1`, `10.0.0.0/8`, `::1`. */
  readonly proxies: readonly string[]
  /** What a proxy that checks tokens sends as `X-Dfs-Token-Checked`; undefined: none does. */
  readonly tokenProof?: string | undefined
}

export const NO_TRUST: ProxyTrust = { proxies: [] }

const REQUEST_ID = /^[\w-]{8,64}$/
const ADDRESS = /^[\da-f:.]{2,45}$/i
const FID = /^[1-9]\d{0,14}$/
const SECONDS = /^\d{1,4}$/

/** Says whom the words of a proxy are believed: nobody but the addresses of `trusted_proxy`. */
export class Callers {
  readonly #trusted = new BlockList()
  readonly #tokenProof: Buffer | undefined

  constructor({ proxies, tokenProof }: ProxyTrust) {
    for (const proxy of proxies) addNetwork(this.#trusted, proxy)
    this.#tokenProof = tokenProof ? Buffer.from(tokenProof, 'latin1') : undefined
  }

  /** To be asked once for each connection. */
  isTrusted(peerAddress: string): boolean {
    return this.#trusted.check(peerAddress, isIPv6(peerAddress) ? 'ipv6' : 'ipv4')
  }

  of(headers: RequestHeaders, peer: { readonly address: string; isTrusted: boolean }): Caller {
    if (!peer.isTrusted) return { ...UNTRUSTED, address: peer.address }
    const { 'x-real-ip': address, 'x-request-id': requestId } = headers
    return {
      isTrusted: true,
      address: address !== undefined && ADDRESS.test(address) ? address : peer.address,
      requestId: requestId !== undefined && REQUEST_ID.test(requestId) ? requestId : undefined,
      isTokenChecked: this.#isProof(headers['x-dfs-token-checked']),
      domain: readText(headers['x-mogilefs-domain']),
      fid: readNumber(headers['x-dfs-fid'], FID),
      rawArgs: headers['x-dfs-args'],
      questionMaxAgeMs: readSeconds(headers['x-dfs-question']),
    }
  }

  #isProof(field: string | undefined): boolean {
    if (field === undefined || this.#tokenProof === undefined) return false
    const given = Buffer.from(field, 'latin1')
    return given.length === this.#tokenProof.length && timingSafeEqual(given, this.#tokenProof)
  }
}

/** Somebody in front of whom no proxy stands. */
export const UNTRUSTED = {
  isTrusted: false,
  requestId: undefined,
  isTokenChecked: false,
  domain: undefined,
  fid: undefined,
  rawArgs: undefined,
  questionMaxAgeMs: undefined,
} as const

/** node:http makes a character of each byte. */
function readText(field: string | undefined): string | undefined {
  return field ? Buffer.from(field, 'latin1').toString('utf8') : undefined
}

function readNumber(field: string | undefined, form: RegExp): number | undefined {
  return field !== undefined && form.test(field) ? Number(field) : undefined
}

function readSeconds(field: string | undefined): number | undefined {
  const seconds = readNumber(field, SECONDS)
  return seconds && seconds * 1000
}

function addNetwork(list: BlockList, network: string): void {
  const [address = '', prefix] = network.split('/')
  const family = isIPv6(address) ? 'ipv6' : 'ipv4'
  if (prefix === undefined) list.addAddress(address, family)
  else list.addSubnet(address, Number(prefix), family)
}
