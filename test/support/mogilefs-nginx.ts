import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before } from 'node:test'
import { tokenProofOf } from '../../src/app/trusted-proxies.ts'
import type { EdgeConf } from '../../src/config/index.ts'
import { createEdgeServer, type EdgeServer, type EdgeServerOptions } from '../../src/http/serve.ts'
import { type RequestOptions, requestOnce } from './edge-fixture.ts'
import { addToFailure } from './failed-test.ts'
import { freePort } from './free-port.ts'
import { type MogilefsStack, type MogilefsStackOptions, startMogilefs } from './mogilefs-stack.ts'
import { Nginx, type NginxModule, writeIncludes } from './nginx.ts'
import { RawClient, type RawResponse } from './raw-http.ts'
import { RecordingTransfer } from './recording-transfer.ts'

export const SLICE = 65_536
export const SECRET = 'a key with blanks'
const SILENT = { warn: () => undefined, error: () => undefined }

export interface MogilefsNginxOptions extends MogilefsStackOptions {
  /** Inside the server block; `location /img/` by default. */
  readonly server?: (dir: string) => string
  /** Other servers. */
  readonly http?: (dir: string, port: number) => string
  readonly modules?: readonly NginxModule[]
  /** `SLICE` unless said otherwise. */
  readonly sliceBytes?: number
  readonly edge?: Partial<EdgeServerOptions>
  readonly edit?: (text: string) => string
}

/** nginx in front of an edge in front of an embedded MogileFS, for as long as a `describe` runs. */
export class MogilefsNginx {
  readonly transfer = new RecordingTransfer(() => this.stack.transfer)
  port = 0
  edgePort = 0
  readonly #options: MogilefsNginxOptions
  readonly #clients: RawClient[] = []
  readonly #endings: (() => unknown)[] = []
  #stack: MogilefsStack | undefined
  #edge: EdgeServer | undefined
  #nginx: Nginx | undefined

  private constructor(options: MogilefsNginxOptions) {
    this.#options = options
  }

  /** For the `describe` that calls this. */
  static use(options: MogilefsNginxOptions = {}): MogilefsNginx {
    const fixture = new MogilefsNginx(options)
    before(() => fixture.#start())
    afterEach((test) => addToFailure(test, () => `Log of nginx:\n${fixture.#nginx?.log}`))
    after(() => fixture.#stop())
    return fixture
  }

  get stack(): MogilefsStack {
    return started(this.#stack)
  }

  get edge(): EdgeServer {
    return started(this.#edge)
  }

  get log(): string {
    return started(this.#nginx).log
  }

  connect(port = this.port): RawClient {
    const client = new RawClient(port)
    this.#clients.push(client)
    return client
  }

  request(target: string, options: RequestOptions = {}): Promise<RawResponse> {
    return requestOnce(this.connect(), target, options)
  }

  /** The same question to the edge itself. */
  alone(target: string, options: RequestOptions = {}): Promise<RawResponse> {
    return requestOnce(this.connect(this.edgePort), target, options)
  }

  /** What the edge was asked while `act` ran. */
  async questions(act: () => Promise<unknown>): Promise<string[]> {
    const start = this.transfer.questions.length
    await act()
    return this.transfer.questions.slice(start)
  }

  /** Which slices of content it was asked for. */
  async slices(act: () => Promise<unknown>): Promise<number[]> {
    const asked = await this.questions(act)
    return asked.flatMap((question) => {
      const [, start] = /^open .* ([0-9]+)\.\.[0-9]+$/.exec(question) ?? []
      return start === undefined ? [] : [Number(start) / SLICE]
    })
  }

  async #start(): Promise<void> {
    const t = { after: (fn: () => unknown) => void this.#endings.push(fn) }
    this.#stack = await startMogilefs(t, this.#options)
    this.#edge = createEdgeServer({
      transfer: this.transfer,
      log: SILENT,
      urls: this.stack.clusters.urls,
      trust: { proxies: ['127.0.0.1'], tokenProof: tokenProofOf(SECRET) },
      ...this.#options.edge,
    })
    this.edgePort = (await this.edge.listen({ host: '127.0.0.1', port: 0 })).port
    const folder = await mkdtemp('/tmp/dfs-edge-nginx-')
    this.#endings.push(() => rm(folder, { recursive: true, force: true }))
    await chmod(folder, 0o755)
    await this.#startNginx(folder)
  }

  async #startNginx(folder: string): Promise<void> {
    const { server = forDomainInPath, http, modules = [], edit } = this.#options
    const dir = await writeIncludes(this.#conf(folder), folder, edit)
    this.port = await freePort()
    this.#nginx = await Nginx.create({
      folder,
      modules,
      http: `include ${dir}/http.conf;
server {
  listen 127.0.0.1:${this.port};
  include ${dir}/mogilefs_server.conf;
  location = /alive { return 200 alive; }
${server(dir)}
}
${http?.(dir, this.port) ?? ''}`,
    })
    await this.#nginx.start(this.port)
  }

  #conf(folder: string): EdgeConf {
    const { conf } = this.stack
    const { sliceBytes = SLICE } = this.#options
    return {
      ...conf,
      listen: [{ host: '127.0.0.1', port: this.edgePort }],
      nginx: { ...conf.nginx, cachePath: join(folder, 'cache'), sliceBytes },
    }
  }

  async #stop(): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.#nginx?.stop()
    await this.#edge?.close(0)
    for (const end of this.#endings.reverse()) await end()
  }
}

function forDomainInPath(dir: string): string {
  return `  location /img/ { include ${dir}/ngx_mogilefs_module.conf; }`
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('it has not been started')
  return part
}
