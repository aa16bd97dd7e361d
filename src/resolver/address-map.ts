import type { Address } from '../client/address.ts'

export interface AddressMapping {
  readonly from: { readonly host: string; readonly port?: number | undefined }
  readonly to: { readonly host: string; readonly port?: number | undefined }
}

/**
 * Turns an address as a storage registered it (inside a container, behind NAT) into one that the
 * edge can reach. A mapping with a port goes before one of the whole host.
 */
export class AddressMap {
  readonly #byName = new Map<string, AddressMapping['to']>()

  constructor(mappings: readonly AddressMapping[]) {
    for (const { from, to } of mappings) this.#byName.set(nameOf(from.host, from.port), to)
  }

  reachable({ host, port }: Address): Address {
    const to = this.#byName.get(nameOf(host, port)) ?? this.#byName.get(nameOf(host, undefined))
    return to === undefined ? { host, port } : { host: to.host, port: to.port ?? port }
  }
}

function nameOf(host: string, port: number | undefined): string {
  return `${host.toLowerCase()} ${port ?? '*'}`
}
