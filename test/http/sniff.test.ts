import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { before, describe, it } from 'node:test'
import { EdgeFixture, NO_EXTENSION, numberedBytes } from '../support/edge-fixture.ts'

const MEDIA = new URL('../fixtures/media/', import.meta.url)
const TEST = '/img/test'

/** Extension-less names with their first bytes, and the type that is to be told. */
const CASES: readonly (readonly [string, Buffer, string])[] = [
  ['a JPEG', await readFile(new URL('hills.jpg', MEDIA)), 'image/jpeg'],
  ['a PNG', await readFile(new URL('rings.png', MEDIA)), 'image/png'],
  ['a WebP', await readFile(new URL('silk.webp', MEDIA)), 'image/webp'],
  ['an MP4', await readFile(new URL('day.mp4', MEDIA)), 'video/mp4'],
  ['HTML', Buffer.from('<!doctype html><script>alert(1)</script>'), 'application/octet-stream'],
  ['XHTML', Buffer.from('<?xml version="1.0"?><html/>'), 'application/octet-stream'],
  ['SVG', Buffer.from('<?xml version="1.0"?><svg/>'), 'application/octet-stream'],
  ['text', Buffer.from('hello mogile\n'), 'application/octet-stream'],
  ['nothing', Buffer.alloc(0), 'application/octet-stream'],
]

for (const isCached of [true, false]) {
  describe(`a name that does not tell its type, ${isCached ? 'in memory' : 'on a storage'}`, () => {
    const urls = {
      mogilefs: { domainOfHost: () => undefined, isDomain: () => true, hasLeadingSlash: false },
    }
    const edge = EdgeFixture.use({ urls })

    for (const [what, bytes, type] of CASES) {
      it(`${what} is ${type}`, async () => {
        for (const path of [TEST, '/img/photo.unknownsuffix']) {
          edge.transfer.add(path, bytes, { isCached })
          const { status, headers, body } = await edge.request(path)
          assert.equal(status, 200)
          assert.equal(headers['content-type'], type)
          assert.deepEqual(body, bytes)
        }
      })
    }

    it('the same for HEAD, ranges and conditional requests', async () => {
      const [, bytes] = CASES[0] ?? ['', Buffer.alloc(0)]
      const { facts } = edge.transfer.add(TEST, bytes, { isCached })
      const head = await edge.request(TEST, { method: 'HEAD' })
      assert.equal(head.headers['content-type'], 'image/jpeg')
      const range = await edge.request(TEST, { headers: { range: 'bytes=1000-1009' } })
      assert.equal(range.status, 206)
      assert.equal(range.headers['content-type'], 'image/jpeg')
      assert.deepEqual(range.body, bytes.subarray(1000, 1010))
      const same = await edge.request(TEST, { headers: { 'if-none-match': facts.etag } })
      assert.equal(same.status, 304)
    })

    it('the extension goes before the bytes', async () => {
      edge.transfer.add('/img/page.css', CASES[0]?.[1] ?? Buffer.alloc(0), { isCached })
      const { headers } = await edge.request('/img/page.css')
      assert.equal(headers['content-type'], 'text/css')
    })

    it('is looked at once', async () => {
      const bytes = CASES[1]?.[1] ?? Buffer.alloc(0)
      edge.transfer.add(TEST, bytes, { isCached })
      await edge.request(TEST)
      edge.transfer.questions.length = 0
      await edge.request(TEST)
      const looks = edge.transfer.questions.filter((question) => question.includes('..'))
      assert.deepEqual(looks, [])
    })
  })
}

describe('a long stream without an extension', () => {
  const edge = EdgeFixture.use()
  const bytes = numberedBytes(100_000)
  before(() => {
    edge.transfer.add(NO_EXTENSION, bytes, {
      async *stream(content) {
        const memory = Buffer.alloc(1000)
        for (let start = 0; start < content.length; start += 1000) {
          const length = content.copy(memory, 0, start, start + 1000)
          yield memory.subarray(0, length)
        }
      },
    })
  })

  it('comes whole after its beginning was looked at', async () => {
    assert.deepEqual((await edge.request(NO_EXTENSION)).body, bytes)
  })
})
