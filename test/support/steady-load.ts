import { Agent, get } from 'node:http'

const DEADLINE_MS = 20_000

export interface Answer {
  readonly status: number
  readonly body: Buffer
}

/** One request, on a connection that the agent keeps. @throws whatever goes wrong with it */
export function fetchOn(agent: Agent, url: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent, timeout: DEADLINE_MS }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('error', reject)
      response.once('end', () => {
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) })
      })
    })
    request.once('timeout', () => request.destroy(new Error('no answer in time')))
    request.once('error', reject)
  })
}

export interface LoadOptions {
  readonly clients?: number
  /** False: a connection for each request. */
  readonly keepAlive?: boolean
}

/** Clients that ask without a pause until they are stopped; each answer must be a 200 with `content`. */
export class SteadyLoad {
  readonly #target: { readonly url: string; readonly content: Buffer }
  readonly #failures: string[] = []
  readonly #running: Promise<unknown>
  #isStopped = false
  answers = 0
  slowestMs = 0

  constructor(url: string, content: Buffer, { clients = 8, keepAlive = true }: LoadOptions = {}) {
    this.#target = { url, content }
    const agents = Array.from({ length: clients }, () => new Agent({ keepAlive, maxSockets: 1 }))
    this.#running = Promise.all(agents.map((agent) => this.#ask(agent)))
  }

  /** What was no whole answer. */
  async stop(): Promise<readonly string[]> {
    this.#isStopped = true
    await this.#running
    return this.#failures
  }

  async #ask(agent: Agent): Promise<void> {
    while (!this.#isStopped) await this.#askOnce(agent)
    agent.destroy()
  }

  async #askOnce(agent: Agent): Promise<void> {
    const { url, content } = this.#target
    const startedAt = performance.now()
    try {
      const { status, body } = await fetchOn(agent, url)
      if (status !== 200 || !body.equals(content)) this.#failures.push(`${status}`)
    } catch (error) {
      this.#failures.push(`${error}`)
    }
    this.slowestMs = Math.max(this.slowestMs, performance.now() - startedAt)
    this.answers += 1
  }
}
