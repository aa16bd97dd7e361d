import { Refreshed } from '../client/refreshed.ts'
import type { Host } from '../wire/mogilefs/cluster-messages.ts'
import type { FidUrl } from '../wire/mogilefs/fid-path.ts'

type ListedHost = Pick<Host, 'hostip' | 'altip' | 'httpPort' | 'httpGetPort'>

export interface ListedHostsOptions {
  fetch(): Promise<readonly ListedHost[]>
  readonly refreshMs: number
  /** A URL whose address is not listed makes the list be read again, at most this often. */
  readonly retryMs: number
  readonly now: () => number
}

/**
 * The addresses that the trackers list as hosts. A URL is only connected to when its address is one
 * of them, whatever a tracker's answer, or who stands between, has made of it.
 */
export class ListedHosts {
  readonly #addresses: Refreshed<ReadonlySet<string>>
  readonly #retryMs: number

  constructor({ fetch, refreshMs, retryMs, now }: ListedHostsOptions) {
    const load = async () => new Set((await fetch()).flatMap(addressesOf))
    this.#addresses = new Refreshed({ load, refreshMs, now })
    this.#retryMs = retryMs
  }

  /** The URLs whose address is listed. @throws EdgeError what `fetch` throws, with no list at all */
  async only(urls: readonly FidUrl[]): Promise<readonly FidUrl[]> {
    const listed = onlyIn(await this.#addresses.get(), urls)
    if (listed.length === urls.length || this.#addresses.ageMs < this.#retryMs) return listed
    return onlyIn(await this.#addresses.read(), urls)
  }
}

function onlyIn(addresses: ReadonlySet<string>, urls: readonly FidUrl[]): readonly FidUrl[] {
  return urls.filter(({ host, port }) => addresses.has(`${host}:${port}`))
}

function addressesOf({ hostip, altip, httpPort, httpGetPort }: ListedHost): string[] {
  const ips = [hostip, altip].filter((ip) => ip !== null)
  const ports = [httpPort, httpGetPort].filter((port) => port !== null)
  return ips.flatMap((ip) => ports.map((port) => `${ip}:${port}`))
}
