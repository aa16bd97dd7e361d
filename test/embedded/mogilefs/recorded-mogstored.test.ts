import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { EmbeddedMogilefs } from '../../../src/embedded/embedded-mogilefs.ts'
import { HttpPeer } from './http-peer.ts'
import { mogstoredOf } from './mogilefs-fixture.ts'
import { startRecordedMogilefs } from './recorded-mogilefs.ts'

interface Exchange {
  readonly name: string
  readonly request: string
  readonly status_and_headers: readonly string[]
  readonly body: string
  readonly body_bytes: number
  readonly connection: string
}

const PATH = join(import.meta.dirname, '../../fixtures/mogstored-http.json')
const EXCHANGES: readonly Exchange[] = JSON.parse(readFileSync(PATH, 'utf8'))

/** Uploads that the recorded PUTs are for. */
const AWAITED = [70_000, 70_001, 70_002, 70_003, 777_777_000]

/**
 * The fixture has line feeds for ends of lines, and short forms of what is long. Its uploads went to
 * a folder that no tracker would have named.
 */
function requestOf({ request }: Exchange): string {
  return request
    .replace(/(a+|b+)\.\.\.\(([0-9]+) bytes\)/, (_, letters: string, size: string) => {
      const end = letters.startsWith('a') ? ' HTTP/1.1\nHost: x\n\n' : '\n\n'
      return letters.charAt(0).repeat(Number(size) - 70) + end
    })
    .replace('/0/000/000/00000700', '/0/000/070/00000700')
    .replaceAll('\n', '\r\n')
}

function withoutDates(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/^(Date|Last-Modified): \w{3}, .* GMT$/, '$1'))
}

describe('what a mogstored was recorded to say', () => {
  const cleanUp: (() => unknown)[] = []
  let cluster: EmbeddedMogilefs

  before(async () => {
    cluster = await startRecordedMogilefs({ after: (fn) => cleanUp.push(fn) })
    const rows = AWAITED.map((fid) => `(${fid}, 4000000000, 1, 1, 'k', '1')`).join()
    cluster.store.exec(`INSERT INTO tempfile VALUES ${rows}`)
  })
  after(async () => {
    for (const fn of cleanUp.reverse()) await fn()
  })

  async function compare(exchange: Exchange): Promise<void> {
    const { status_and_headers: expected, body, body_bytes, connection } = exchange
    const peer = new HttpPeer(mogstoredOf(cluster, 1).address)
    try {
      peer.send(requestOf(exchange))
      if (expected[0] === '') {
        await peer.ended()
        assert.equal(peer.received.length, 0)
        return
      }
      const answer = await peer.read(exchange.request.split(' ', 1)[0])
      assert.deepEqual(withoutDates(answer.lines), withoutDates(expected))
      if (connection === 'open') await assertOpen(peer)
      else await peer.ended()
      const bytes = Buffer.concat([answer.body, peer.received])
      assert.equal(bytes.length, body_bytes)
      // Ten NULs of a large file are not in the fixture.
      const all = bytes.toString().replace(/^\0+$/, '')
      assert.deepEqual(withoutDates(all.split('\r\n')), withoutDates(body.split('\r\n')))
    } finally {
      peer.close()
    }
  }

  async function assertOpen(peer: HttpPeer): Promise<void> {
    peer.send('HEAD / HTTP/1.1\r\nHost: x\r\n\r\n')
    assert.equal((await peer.read('HEAD')).status, 200)
  }

  for (const exchange of EXCHANGES) {
    const { name } = exchange
    if (name === 'usage file' || name.startsWith('DELETE')) continue
    it(name, () => compare(exchange))
  }

  it('usage file, with figures of its own', async () => {
    const exchange = EXCHANGES.find(({ name }) => name === 'usage file')
    assert.ok(exchange)
    const peer = new HttpPeer(mogstoredOf(cluster, 1).address)
    peer.send(requestOf(exchange))
    const { lines, body } = await peer.read()
    peer.close()
    const withoutLength = (all: readonly string[]) =>
      withoutDates(all).map((line) => line.replace(/^(Content-Length): .*/, '$1'))
    assert.deepEqual(withoutLength(lines), withoutLength(exchange.status_and_headers))
    const names = (text: string) => text.split('\n').map((line) => line.split(': ')[0])
    assert.deepEqual(names(body.toString()), names(exchange.body))
  })

  it('DELETE is refused, unlike there: anybody could send it', async () => {
    const exchange = EXCHANGES.find(({ name }) => name === 'DELETE 0000070003')
    assert.ok(exchange)
    const peer = new HttpPeer(mogstoredOf(cluster, 1).address)
    peer.send(requestOf(exchange))
    assert.equal((await peer.read()).status, 403)
    await assertOpen(peer)
    peer.close()
  })

  it('stored what was put', async () => {
    const stored = (fid: number) => readFile(cluster.pathOf(1, fid), 'utf8')
    assert.deepEqual(await Promise.all(AWAITED.map(stored)), ['abcd', '', 'abc', '', 'abc'])
  })
})
