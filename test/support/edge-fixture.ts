import { after, before } from 'node:test'
import { createEdgeServer, type EdgeServer, type EdgeServerOptions } from '../../src/http/serve.ts'
import { MemoryTransfer } from './memory-transfer.ts'
import { RawClient, type RawResponse } from './raw-http.ts'

export const JPG = '/group1/M00/00/00/fwAAA2sDFtyAYcJyAAB4AIokZSM648.jpg'
export const HTML = '/group1/M01/00/00/fwAAA2sDFtyARNWcAAAALBJfg4064.html'
export const FLV = '/group1/M01/00/00/fwAAA2sDFtyAMGXGAAMNTZllujo169.flv'
export const EMPTY = '/group2/M00/00/00/fwAABGsDFtyAd-NsAAAAAAAAAAA853.bin'
export const APPENDER = '/group1/M01/00/00/fwAAAmsDFtyERELbAAAAAJsJB30478.bin'
export const SLAVE = '/group2/M00/00/00/fwAABGsDFtyAPZARABAAAPhsPmo826_thumb.jpg'
export const NO_EXTENSION = '/group1/M01/00/00/fwAAA2sDFtyAb9cdAAAHCCpsO_M9150307'

/** `Sun, 06 Nov 1994 08:49:37 GMT`, the RFC's example. */
export const MODIFIED = 784_111_777
export const LAST_MODIFIED = 'Sun, 06 Nov 1994 08:49:37 GMT'

/** Bytes that tell where they stand. */
export function numberedBytes(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, i) => (i * 7 + (i >> 8)) & 0xff))
}

export interface LogLine {
  readonly level: 'warn' | 'error'
  readonly fields: Record<string, unknown>
  readonly message: string
}

export interface RequestOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** An edge over files in memory, on a free port, for as long as its `describe` runs. */
export class EdgeFixture {
  readonly transfer = new MemoryTransfer()
  readonly log: LogLine[] = []
  readonly server: EdgeServer
  port = 0
  readonly #clients: RawClient[] = []

  constructor(options: Partial<EdgeServerOptions> = {}) {
    this.server = createEdgeServer({
      transfer: this.transfer,
      log: {
        warn: (fields, message) => this.log.push({ level: 'warn', fields: { ...fields }, message }),
        error: (fields, message) =>
          this.log.push({ level: 'error', fields: { ...fields }, message }),
      },
      urls: { fastdfs: { hasGroupName: true, groupName: 'group1', isGroup: () => true } },
      ...options,
    })
  }

  /** For the `describe` that calls this. */
  static use(options: Partial<EdgeServerOptions> = {}): EdgeFixture {
    const fixture = new EdgeFixture(options)
    before(async () => {
      fixture.port = (await fixture.server.listen({ host: '127.0.0.1', port: 0 })).port
    })
    after(() => fixture.stop())
    return fixture
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.server.close(0)
  }

  connect(): RawClient {
    const client = new RawClient(this.port)
    this.#clients.push(client)
    return client
  }

  request(target: string, options: RequestOptions = {}): Promise<RawResponse> {
    return requestOnce(this.connect(), target, options)
  }
}

/** One request on a connection of its own, which must be usable or ended afterwards. */
export async function requestOnce(
  client: RawClient,
  target: string,
  { method = 'GET', headers = {} }: RequestOptions = {},
): Promise<RawResponse> {
  client.send(formatRequest(target, { method, headers }))
  const response = await client.read(method)
  if (response.headers['connection'] === 'close') await client.assertEnded()
  else await client.assertAlive()
  client.close()
  return response
}

export function formatRequest(target: string, { method = 'GET', headers = {} }: RequestOptions) {
  const fields = Object.entries({ Host: 'a', ...headers }).map(
    ([name, value]) => `${name}: ${value}`,
  )
  return `${[`${method} ${target} HTTP/1.1`, ...fields].join('\r\n')}\r\n\r\n`
}
