import { type Address, formatAddress } from '../client/address.ts'
import { createEdgeServer, type EdgeServer, type EdgeServerOptions } from '../http/serve.ts'
import type { InheritedSockets } from './inherited-sockets.ts'

/** One server for each address that is listened on; all give the same answers. */
export class Listeners {
  /** `http://host:port/`, in the order of the addresses. */
  readonly urls: string[] = []
  readonly #options: EdgeServerOptions
  readonly #servers: EdgeServer[] = []

  constructor(options: EdgeServerOptions) {
    this.#options = options
  }

  /** @throws EdgeError invalid_config: an address cannot be had */
  async listen(addresses: readonly Address[], sockets?: InheritedSockets): Promise<void> {
    for (const address of addresses) {
      const server = createEdgeServer(this.#options)
      const listening = await server.listen(address, sockets?.find(address))
      this.urls.push(`http://${formatAddress(listening)}/`)
      this.#servers.push(server)
    }
  }

  /** See `RunningEdge.close`. */
  async close(deadlineMs: number, graceMs: number): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.close(deadlineMs, graceMs)))
  }
}
