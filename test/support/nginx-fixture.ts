import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, afterEach, before } from 'node:test'
import { tokenProofOf } from '../../src/app/trusted-proxies.ts'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import type { EdgeServerOptions } from '../../src/http/serve.ts'
import { EdgeFixture, MODIFIED, type RequestOptions, requestOnce } from './edge-fixture.ts'
import { addToFailure } from './failed-test.ts'
import { freePort } from './free-port.ts'
import { Nginx, type NginxModule, writeIncludes } from './nginx.ts'
import { RawClient, type RawResponse } from './raw-http.ts'

export const SECRET = 'a key with blanks'

export interface NginxFixtureOptions {
  /** Inside the server block. */
  readonly server: (at: Places) => string
  readonly http?: (at: Places) => string
  readonly modules?: readonly NginxModule[]
  readonly conf?: (base: EdgeConf) => EdgeConf
  readonly edge?: Partial<EdgeServerOptions>
  /** Tries the includes out with other numbers, where theirs would take a test too long. */
  readonly edit?: (text: string) => string
}

export interface Places {
  /** The includes. */
  readonly dir: string
  /** A store path of group1. */
  readonly storePath: string
  readonly folder: string
  readonly port: number
}

/** nginx with the includes in front of an edge over files in memory, for as long as a `describe` runs. */
export class NginxFixture {
  readonly edge: EdgeFixture
  readonly #options: NginxFixtureOptions
  readonly #clients: RawClient[] = []
  #at: Places | undefined
  #nginx: Nginx | undefined

  private constructor(options: NginxFixtureOptions) {
    this.#options = options
    const trust = { proxies: ['127.0.0.1'], tokenProof: tokenProofOf(SECRET) }
    this.edge = EdgeFixture.use({ trust, ...options.edge })
  }

  /** For the `describe` that calls this. */
  static use(options: NginxFixtureOptions): NginxFixture {
    const fixture = new NginxFixture(options)
    before(() => fixture.#start())
    afterEach((test) => addToFailure(test, () => `Log of nginx:\n${fixture.nginx.log}`))
    after(() => fixture.#stop())
    return fixture
  }

  get at(): Places {
    if (this.#at === undefined) throw new Error('nginx has not been started')
    return this.#at
  }

  get nginx(): Nginx {
    if (this.#nginx === undefined) throw new Error('nginx has not been started')
    return this.#nginx
  }

  connect(): RawClient {
    const client = new RawClient(this.at.port)
    this.#clients.push(client)
    return client
  }

  request(target: string, options: RequestOptions = {}): Promise<RawResponse> {
    return requestOnce(this.connect(), target, options)
  }

  /** What the edge was asked while `act` ran. */
  async questions(act: () => Promise<unknown>): Promise<string[]> {
    const start = this.edge.transfer.questions.length
    await act()
    return this.edge.transfer.questions.slice(start)
  }

  /** Puts a file onto the store path, as FastDFS does. @param path `/group1/M00/00/00/..` */
  async put(path: string, bytes: Buffer): Promise<string> {
    const file = join(this.at.storePath, 'data', path.replace(/^\/(?:group1\/)?M00\//, ''))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, bytes)
    await utimes(file, MODIFIED, MODIFIED)
    return file
  }

  async #start(): Promise<void> {
    const folder = await mkdtemp('/tmp/dfs-edge-nginx-')
    await chmod(folder, 0o755)
    const storePath = join(folder, 'store')
    await mkdir(join(storePath, 'data/00/00'), { recursive: true })
    const conf = this.#conf(folder, storePath)
    const dir = await writeIncludes(conf, folder, this.#options.edit)
    this.#at = { dir, storePath, folder, port: await freePort() }
    const { server, http, modules = [] } = this.#options
    this.#nginx = await Nginx.create({
      folder,
      modules,
      http: `include ${dir}/http.conf;
${http?.(this.at) ?? ''}
server {
  listen 127.0.0.1:${this.at.port};
  location = /alive { return 200 alive; }
${server(this.at)}
}`,
    })
    await this.nginx.start(this.at.port)
  }

  #conf(folder: string, storePath: string): EdgeConf {
    const base = defaultEdgeConf()
    const conf = {
      ...base,
      listen: [{ host: '127.0.0.1', port: this.edge.port }],
      groupNames: ['group1'],
      localGroups: [{ groupName: 'group1', storageServerPort: 23000, storePaths: [storePath] }],
      nginx: { ...base.nginx, cachePath: join(folder, 'cache') },
    }
    return this.#options.conf?.(conf) ?? conf
  }

  async #stop(): Promise<void> {
    for (const client of this.#clients) client.close()
    await this.#nginx?.stop()
    if (this.#at !== undefined) await rm(this.#at.folder, { recursive: true, force: true })
  }
}
