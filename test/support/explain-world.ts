import { explain } from '../../src/admin/explain/explain.ts'
import type { Explanation } from '../../src/admin/explain/explanation.ts'
import type { ExplainSources } from '../../src/admin/explain/sources.ts'
import { openExplainSources } from '../../src/app/explain-sources.ts'
import type { EdgeConf } from '../../src/config/index.ts'
import { type FastdfsRef, formatRef } from '../../src/resolver/resolver.ts'
import { type Stack, startStack } from './edge-stack.ts'
import { type MogilefsStack, startMogilefs } from './mogilefs-stack.ts'
import { randomContent } from './random-content.ts'

export const SECRET = 'FastDFS1234567890'
/** No test wants to wait longer for a daemon that hangs. */
const IMPATIENT = { connectMs: 1000, firstAnswerMs: 1000, networkMs: 1000 }

/** What is asked, and of whom. */
export interface Asking {
  readonly url: string
  readonly host?: string
  readonly dateSeconds?: number
  readonly conf?: EdgeConf
  /** For what no daemon can be made to do. */
  readonly sources?: Partial<ExplainSources>
}

/** FastDFS with two storages and MogileFS with two, and an edge.conf for both. */
export class ExplainWorld {
  readonly #closing: (() => unknown)[] = []
  fastdfs!: Stack
  mogilefs!: MogilefsStack

  async start(): Promise<void> {
    this.fastdfs = await startStack(this, { storages: 2 })
    this.mogilefs = await startMogilefs(this, { replicas: 2 })
  }

  after(fn: () => unknown): void {
    this.#closing.unshift(fn)
  }

  async stop(): Promise<void> {
    for (const close of this.#closing) await close()
  }

  /** All daemons behave again. */
  heal(): void {
    const { store } = this.fastdfs
    for (const storage of store.storages) storage.faults = {}
    store.tracker.faults = {}
    this.mogilefs.store.store.exec("UPDATE device SET status = 'alive'")
    for (const daemon of this.mogilefs.store.trackers) daemon.faults = {}
    for (const daemon of this.mogilefs.store.mogstoreds) daemon.faults = {}
  }

  /** Of both systems. */
  conf(change: Partial<EdgeConf> = {}): EdgeConf {
    return { ...this.fastdfs.conf, mogilefs: this.mogilefs.conf.mogilefs, ...change }
  }

  /** For daemons that hang. */
  impatientConf(): EdgeConf {
    return this.conf({ timeouts: { ...this.fastdfs.conf.timeouts, ...IMPATIENT } })
  }

  /** With tokens. */
  signedConf(): EdgeConf {
    const { antiSteal } = this.fastdfs.conf
    const tokens = { checkToken: true, secretKey: SECRET, tokenTtlSeconds: 900 }
    return this.conf({ antiSteal: { ...antiSteal, ...tokens } })
  }

  async upload(extName = 'bin', content = randomContent(5000)): Promise<FastdfsRef> {
    return this.fastdfs.upload(content, { extName })
  }

  async uploadUrl(extName = 'bin'): Promise<string> {
    return formatRef(await this.upload(extName))
  }

  async putUrl(key: string): Promise<string> {
    return formatRef(await this.mogilefs.putAs(key, randomContent(5000)))
  }

  async explain({ conf = this.conf(), sources = {}, ...question }: Asking): Promise<Explanation> {
    const opened = openExplainSources(conf)
    try {
      return await explain(question, { ...opened, ...sources })
    } finally {
      opened.close()
    }
  }
}
