import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import { MogilefsNginx, SLICE } from '../support/mogilefs-nginx.ts'
import { randomContent } from '../support/random-content.ts'
import type { RawResponse } from '../support/raw-http.ts'
import { waitFor } from '../support/wait-for.ts'

const OLD = randomContent(6 * SLICE + 10, 1)
const NEW = randomContent(5 * SLICE + 20, 2)
const JPEG = new URL('../fixtures/media/hills.jpg', import.meta.url)
const { signal } = new AbortController()

const fidOf = ({ headers }: RawResponse): number => Number((headers['etag'] ?? '').slice(1, -1))
const rangeOf = (value: string) => ({ headers: { Range: value } })

/** MogileFS deletes old copies seconds later; the embedded one, at once. */
async function restore({ stack }: MogilefsNginx, fid: number, content: Buffer): Promise<void> {
  for (const { devids } of stack.store.mogstoreds) {
    for (const devid of devids) {
      const path = stack.store.pathOf(devid, fid)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, content)
    }
  }
}

async function until(
  what: string,
  ask: () => Promise<RawResponse>,
  holds: (answer: RawResponse) => boolean,
): Promise<RawResponse> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const answer = await ask()
    if (holds(answer)) return answer
    assert.ok(Date.now() < deadline, `never ${what}, last ${answer.status}`)
  }
}

describe('a key that is overwritten', () => {
  const nginx = MogilefsNginx.use()
  const ask = (path: string) => nginx.request(path)

  it('is one or the other, never a mixture, and soon the new one', async () => {
    await nginx.stack.putAs('a.mp4', OLD)
    const first = await nginx.request('/img/a.mp4', rangeOf(`bytes=0-${2 * SLICE - 1}`))
    assert.equal(first.status, 206)
    await nginx.stack.putAs('a.mp4', NEW)
    await restore(nginx, fidOf(first), OLD)
    const seen = new Set<string>()
    await until(
      'the new one',
      () => ask('/img/a.mp4'),
      ({ status, body, headers }) => {
        const isOld = body.equals(OLD)
        assert.equal(status, 200)
        assert.ok(isOld || body.equals(NEW), `${body.length} bytes of neither`)
        assert.equal(headers['etag'] === first.headers['etag'], isOld)
        seen.add(isOld ? 'old' : 'new')
        return !isOld
      },
    )
    assert.ok(seen.has('old'), 'slices that were fetched after the overwrite')
    for (let i = 0; i < 20; i++) assert.ok((await ask('/img/a.mp4')).body.equals(NEW))
  })

  it('under an answer that has begun, ends as it began', async () => {
    const [long, other] = [randomContent(3 * 2 ** 20, 3), randomContent(3 * 2 ** 20, 4)]
    await nginx.stack.putAs('b.mp4', long)
    const head = await nginx.request('/img/b.mp4', { method: 'HEAD' })
    const { promise, resolve } = Promise.withResolvers<void>()
    nginx.transfer.gates.content = promise
    const client = nginx.connect()
    client.socket.pause()
    client.send('GET /img/b.mp4 HTTP/1.1\r\nHost: a\r\n\r\n')
    await waitFor('a second slice', () =>
      nginx.transfer.questions.some((question) => question.startsWith('open /img/b.mp4 65536')),
    )
    await nginx.stack.putAs('b.mp4', other)
    await restore(nginx, fidOf(head), long)
    // From now on the edge itself knows of the new one.
    const ref = { system: 'mogilefs', domain: 'img', key: 'b.mp4' } as const
    assert.notEqual(
      (await nginx.stack.transfer.facts(ref, signal, { maxAgeMs: 0 }))?.etag,
      head.headers['etag'],
    )
    resolve()
    await until(
      'new',
      () => nginx.request('/img/b.mp4', { method: 'HEAD' }),
      (answer) => fidOf(answer) !== fidOf(head),
    )
    client.socket.resume()
    const { status, body } = await client.read()
    assert.equal(status, 200)
    assert.ok(body.equals(long))
  })

  it('whose old copies are gone is never a mixture either', async () => {
    await nginx.stack.putAs('c.mp4', OLD)
    await nginx.request('/img/c.mp4', rangeOf(`bytes=${SLICE}-${SLICE + 1}`))
    await nginx.stack.putAs('c.mp4', NEW)
    await until(
      'new',
      () => ask('/img/c.mp4'),
      ({ status, body }) => {
        if (status === 404) return false
        assert.ok(body.equals(NEW) || body.equals(OLD), 'a mixture')
        return body.equals(NEW)
      },
    )
  })

  it('and deleted is 404 soon, and back when it is stored again', async () => {
    const ref = await nginx.stack.putAs('d.jpg', OLD)
    assert.equal((await ask('/img/d.jpg')).status, 200)
    await nginx.stack.clusters.mogilefs?.tracker.delete(ref, signal)
    await until(
      '404',
      () => ask('/img/d.jpg'),
      ({ status }) => status === 404,
    )
    await nginx.stack.putAs('d.jpg', NEW)
    const { body } = await until(
      '200',
      () => ask('/img/d.jpg'),
      ({ status }) => status === 200,
    )
    assert.ok(body.equals(NEW))
  })
})

describe('a key that is renamed', () => {
  const nginx = MogilefsNginx.use()

  it('has the type of its new name, and the slices of its old one', async () => {
    const ref = await nginx.stack.putAs('a.jpg', OLD)
    assert.equal((await nginx.request('/img/a.jpg')).headers['content-type'], 'image/jpeg')
    await nginx.stack.clusters.mogilefs?.tracker.rename({ ...ref, newKey: 'a.txt' }, signal)
    const asked = await nginx.slices(async () => {
      const { body, headers } = await nginx.request('/img/a.txt')
      assert.ok(body.equals(OLD))
      assert.equal(headers['content-type'], 'text/plain')
      assert.equal(headers['x-cache-status'], 'HIT')
      const part = await nginx.request('/img/a.txt', rangeOf('bytes=-1'))
      assert.equal(part.headers['content-type'], 'text/plain')
    })
    assert.deepEqual(asked, [])
  })

  it('to one without an extension has the type of its first bytes', async () => {
    const jpeg = await readFile(JPEG)
    const ref = await nginx.stack.putAs('hills.bin', jpeg)
    const { headers } = await nginx.request('/img/hills.bin')
    assert.equal(headers['content-type'], 'application/octet-stream')
    await nginx.stack.clusters.mogilefs?.tracker.rename({ ...ref, newKey: 'hills' }, signal)
    for (const method of ['GET', 'HEAD', 'GET']) {
      const renamed = await nginx.request('/img/hills', { method })
      assert.deepEqual([renamed.status, renamed.headers['content-type']], [200, 'image/jpeg'])
      assert.equal(renamed.headers['x-cache-status'], 'HIT')
    }
  })
})

describe('an edge that is gone', () => {
  const nginx = MogilefsNginx.use()

  it('leaves the keys that nginx has heard of, and 502 for others', async () => {
    await nginx.stack.putAs('a.mp4', OLD)
    await nginx.request('/img/a.mp4')
    await nginx.edge.close(0)
    // Past the second for which the answer about the key is kept.
    const end = Date.now() + 2500
    while (Date.now() < end) {
      const { status, body } = await nginx.request('/img/a.mp4')
      assert.equal(status, 200)
      assert.ok(body.equals(OLD))
    }
    const { status, headers } = await nginx.request('/img/other.mp4')
    assert.deepEqual([status, headers['cache-control']], [502, 'no-store'])
  })
})

describe('a MogileFS that is gone', () => {
  const nginx = MogilefsNginx.use({ isNothingKept: true })

  it('is 503 with Retry-After, which is not kept', async () => {
    for (const tracker of nginx.stack.store.trackers) tracker.faults = { error: 'failure' }
    const { status, headers } = await nginx.request('/img/a.jpg')
    assert.deepEqual([status, headers['retry-after']], [503, '2'])
    assert.equal(headers['cache-control'], 'no-store')
    for (const tracker of nginx.stack.store.trackers) tracker.faults = {}
    await nginx.stack.putAs('a.jpg', OLD)
    await until(
      '200',
      () => nginx.request('/img/a.jpg'),
      (answer) => answer.status === 200,
    )
  })
})

describe('pages of the operator for errors', () => {
  const nginx = MogilefsNginx.use({
    server: (dir) => `
      error_page 404 /missing.html;
      error_page 500 502 503 504 /broken.html;
      proxy_intercept_errors on;
      location = /missing.html { internal; return 200 "a page for what is missing"; }
      location = /broken.html { internal; return 200 "${'broken '.repeat(400)}"; }
      location /img/ { include ${dir}/ngx_mogilefs_module.conf; }`,
  })

  it('are sent for what is not there', async () => {
    const { status, body } = await nginx.request('/img/none')
    assert.deepEqual([status, `${body}`], [404, 'a page for what is missing'])
  })

  it('never become a part of content', async () => {
    await nginx.stack.putAs('a.mp4', OLD)
    await nginx.request('/img/a.mp4', rangeOf(`bytes=0-${2 * SLICE - 1}`))
    await nginx.edge.close(0)
    const client = nginx.connect()
    const bytes: Buffer[] = []
    client.socket.on('data', (chunk: Buffer) => bytes.push(chunk))
    client.send('GET /img/a.mp4 HTTP/1.1\r\nHost: a\r\n\r\n')
    await new Promise((resolve) => client.socket.once('close', resolve))
    const all = Buffer.concat(bytes)
    const content = all.subarray(all.indexOf('\r\n\r\n') + 4)
    assert.ok(content.length > 0 && content.length < OLD.length)
    assert.ok(content.equals(OLD.subarray(0, content.length)), 'something else follows')
  })
})
