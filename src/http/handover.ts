import { formatAddress } from '../client/address.ts'
import type { Elsewhere, FastdfsRef, Ref } from '../resolver/resolver.ts'
import type { Trace } from '../transfer/trace.ts'
import type { Located } from '../transfer/transfer.ts'
import type { Description } from './file-headers.ts'
import type { EdgeRequest, HeaderList } from './message.ts'
import type { Query } from './query.ts'

/** What nginx's include with the internal locations of the store paths begins its paths with. */
export const ACCEL_PREFIX = '/.dfs-store'

export interface HandoverOptions {
  /** To nginx in front, which sends the file itself, or to the storage's own HTTP server. */
  readonly mode: 'accel' | 'redirect'
  /** Of the HTTP servers on the storages. */
  readonly redirectPort: number
  /** URLs there begin with the group, as they do here. */
  readonly hasGroupName: boolean
  /** Null: there is no such file. */
  locate(ref: Ref, trace: Trace): Promise<Located | null>
}

/** An answer that tells another server to send the bytes. */
export interface HandedOver {
  readonly status: 200 | 302
  readonly headers: HeaderList
}

/**
 * Lets others send what the edge has found (`response_mode`):
 * - accel: files on this host's store paths, to a trusted proxy, by X-Accel-Redirect. nginx makes ranges
 *   and conditions of the file's own; what the edge says of type, caching and name stays;
 * - redirect: files on storages that a tracker has listed, by 302. One that came by such a 302 is sent
 *   from here (`redirect=1`), so that two hosts never send a client to and fro.
 */
export class Handover {
  readonly #options: HandoverOptions

  constructor(options: HandoverOptions) {
    this.#options = options
  }

  isMeant({ caller }: EdgeRequest, { ref, query }: { ref: Ref; query: Query }): boolean {
    if (ref.system !== 'fastdfs') return false
    if (this.#options.mode === 'accel') return caller.isTrusted
    return query.redirect === undefined && !query.filename && !query.attname
  }

  locate(ref: Ref, trace: Trace): Promise<Located | null> {
    return this.#options.locate(ref, trace)
  }

  /** Undefined: these bytes have to come from the edge. */
  handOver(
    { ref, query }: { ref: Ref; query: Query },
    { elsewhere }: Located,
    content: Description,
  ): HandedOver | undefined {
    const { mode } = this.#options
    if (ref.system !== 'fastdfs' || elsewhere === null) return undefined
    if (mode === 'accel' && elsewhere.kind === 'file') return accelTo(elsewhere.path, content)
    if (mode === 'redirect' && elsewhere.kind === 'host') {
      return redirectTo(this.#urlAt(elsewhere, ref, query))
    }
    return undefined
  }

  #urlAt({ host }: Elsewhere & { kind: 'host' }, ref: FastdfsRef, query: Query): string {
    const { redirectPort, hasGroupName } = this.#options
    const authority = formatAddress({ host, port: redirectPort }).replace(/:80$/, '')
    const path = hasGroupName ? `/${ref.groupName}/${ref.filename}` : `/${ref.filename}`
    const { token, ts } = query
    const args = new URLSearchParams({ ...(token && { token }), ...(ts && { ts }), redirect: '1' })
    return `http://${authority}${encodePath(path)}?${args}`
  }
}

function accelTo(path: string, { contentType, cacheControl }: Description): HandedOver {
  const caching = cacheControl === '' ? [] : ['Cache-Control', cacheControl]
  const place = ['X-Accel-Redirect', encodePath(`${ACCEL_PREFIX}${path}`)]
  const headers = [...place, 'Content-Type', contentType, ...caching, ...EMPTY]
  return { status: 200, headers }
}

function redirectTo(url: string): HandedOver {
  return { status: 302, headers: ['Location', url, 'Cache-Control', 'no-store', ...EMPTY] }
}

const EMPTY = ['X-Content-Type-Options', 'nosniff', 'Content-Length', '0']

function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}
