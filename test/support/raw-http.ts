import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'

export interface RawResponse {
  readonly statusLine: string
  readonly status: number
  /** Lower-case names; repeated fields joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly names: readonly string[]
  readonly body: Buffer
}

const DEADLINE_MS = 5000

/** A client that writes what it is told and reads answers by their framing alone. */
export class RawClient {
  readonly socket: Socket
  #received = Buffer.alloc(0)
  #isEnded = false
  #wake: () => void = () => {}

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1' })
    this.socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk])
      this.#wake()
    })
    const end = () => {
      this.#isEnded = true
      this.#wake()
    }
    this.socket.on('end', end).on('error', end).on('close', end)
  }

  send(bytes: string | Buffer): this {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes)
    return this
  }

  /** One answer, and not a byte more. `method` says whether it has a body. */
  async read(method = 'GET'): Promise<RawResponse> {
    const head = await this.#readHead()
    const isBodyless = method === 'HEAD' || head.status === 204 || head.status === 304
    const length = isBodyless ? 0 : Number(head.headers['content-length'])
    assert.ok(Number.isInteger(length), `no Content-Length: ${JSON.stringify(head.headers)}`)
    await this.#until(() => this.#received.length >= length, `${length} bytes of body`)
    return { ...head, body: this.#take(length) }
  }

  /** Everything up to the end of the connection. */
  async readToEnd(): Promise<Buffer> {
    await this.#until(() => this.#isEnded, 'the end of the connection')
    return this.#take(this.#received.length)
  }

  /** The connection lives: a further request on it is answered, and nothing came before. */
  async assertAlive(path = '/alive'): Promise<void> {
    this.send(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
    assert.match((await this.read()).statusLine, /^HTTP\/1\.1 \d{3} /)
  }

  async assertEnded(): Promise<void> {
    assert.equal((await this.readToEnd()).toString('latin1'), '', 'bytes after the last answer')
  }

  close(): void {
    this.socket.destroy()
  }

  async #readHead(): Promise<Omit<RawResponse, 'body'>> {
    await this.#until(() => this.#received.includes('\r\n\r\n'), 'a header section')
    const end = this.#received.indexOf('\r\n\r\n')
    const [statusLine = '', ...lines] = this.#take(end + 4)
      .toString('latin1')
      .slice(0, -4)
      .split('\r\n')
    const [, status] = /^HTTP\/1\.1 (\d{3}) [A-Z][A-Za-z -]*$/.exec(statusLine) ?? []
    assert.ok(status !== undefined, `a bad status line: ${statusLine}`)
    return { statusLine, status: Number(status), ...parseFields(lines) }
  }

  #take(length: number): Buffer {
    const taken = this.#received.subarray(0, length)
    this.#received = this.#received.subarray(length)
    return taken
  }

  async #until(isDone: () => boolean, what: string): Promise<void> {
    const deadline = Date.now() + DEADLINE_MS
    while (!isDone()) {
      const left = deadline - Date.now()
      const got = () => `got: ${this.#received.toString('latin1').slice(0, 300)}`
      assert.ok(left > 0, `${what} did not come within ${DEADLINE_MS} ms, ${got()}`)
      assert.ok(!this.#isEnded, `the connection ended before ${what}, ${got()}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }
}

function parseFields(lines: readonly string[]): Pick<RawResponse, 'headers' | 'names'> {
  const headers: Record<string, string> = {}
  const names: string[] = []
  for (const line of lines) {
    const [, name = '', value = ''] = /^([!-9;-~]+): (.*)$/.exec(line) ?? []
    assert.ok(name !== '', `a bad header field: ${line}`)
    const key = name.toLowerCase()
    names.push(name)
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`
  }
  return { headers, names }
}
