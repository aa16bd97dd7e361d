import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { randomContent } from '../../support/random-content.ts'
import { waitFor } from '../../support/wait-for.ts'
import { get, HttpPeer } from './http-peer.ts'
import { askError, askLine, LinePeer } from './line-peer.ts'
import { mogstoredOf, pathsOf, startMogilefs, trackerOf, upload } from './mogilefs-fixture.ts'

async function startWithFile(t: { after(fn: () => unknown): void }, content: Buffer) {
  const cluster = await startMogilefs(t)
  const { path, devid } = await upload(cluster, 'k', content, { className: 'one' })
  return { cluster, path, mogstored: mogstoredOf(cluster, devid) }
}

/** All that comes on a connection that asks for a file once. */
async function readAll(url: string): Promise<Buffer> {
  const { hostname, port, pathname } = new URL(url)
  const peer = new HttpPeer({ host: hostname, port: Number(port) })
  peer.send(`GET ${pathname} HTTP/1.0\r\nHost: x\r\n\r\n`)
  await peer.ended()
  peer.close()
  return peer.received
}

describe('a tracker that is to fail', () => {
  it('says failure, but answers NOOP', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    tracker.faults = { error: 'failure' }
    const line = await askLine(tracker, 'get_paths domain=img&key=k')
    assert.equal(line, 'ERR failure Operation+failed')
    assert.equal(await askLine(tracker, 'noop'), 'OK ')
    tracker.faults = { error: 'db' }
    assert.equal(await askError(tracker, 'create_open domain=img&key=k'), 'db')
  })

  it('hangs, refuses, talks nonsense, breaks off', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    tracker.faults = { hang: true }
    const hanging = new LinePeer(tracker.address)
    hanging.send('noop\r\n')
    await waitFor('the request', () => tracker.counters.requests('noop') === 1)
    tracker.faults = {}
    await askLine(tracker, 'noop')
    assert.equal(hanging.received.length, 0)
    hanging.close()
    tracker.faults = { refuse: true }
    await assert.rejects(askLine(tracker, 'noop'), /ended after 0 bytes/)
    tracker.faults = { garbage: true }
    const puzzled = new LinePeer(tracker.address)
    puzzled.send('noop\r\n')
    await puzzled.has(66)
    assert.doesNotMatch(puzzled.received.toString('latin1'), /^OK/)
    puzzled.close()
    tracker.faults = { cutAfterBytes: 2 }
    await assert.rejects(askLine(tracker, 'noop'), /ended after 2 bytes/)
  })

  it('lies, and answers late', async (t) => {
    const { cluster } = await startWithFile(t, Buffer.from('x'))
    const tracker = trackerOf(cluster)
    tracker.faults = { lie: () => ['http://127.0.0.1:1/dev1/0/000/000/0000000009.fid'] }
    assert.match((await pathsOf(cluster, 'k'))[0] ?? '', /:1\/dev1/)
    tracker.faults = { delayMs: 300 }
    const late = new LinePeer(tracker.address)
    late.send('noop\r\n')
    await waitFor('the request', () => tracker.counters.requests('noop') === 1)
    tracker.faults = {}
    await askLine(tracker, 'noop')
    assert.equal(late.received.length, 0)
    assert.equal(await late.line(), 'OK ')
    late.close()
  })
})

describe('a mogstored that is to fail', () => {
  it('breaks off in the middle of a body', async (t) => {
    const { mogstored, path } = await startWithFile(t, randomContent(200_000))
    mogstored.faults = { cutAfterBytes: 70_000 }
    const bytes = await readAll(path)
    assert.match(bytes.toString('latin1'), /Content-Length: 200000\r\n/)
    assert.equal(bytes.length - bytes.indexOf('\r\n\r\n') - 4, 70_000)
  })

  it('sends a wrong byte, in ranges too', async (t) => {
    const { mogstored, path } = await startWithFile(t, Buffer.from('abcdef'))
    mogstored.faults = { wrongByteAt: 3 }
    assert.deepEqual((await get(path)).body, Buffer.from('abc\x9bef', 'latin1'))
    const part = await get(path, 'Range: bytes=2-3\r\n')
    assert.deepEqual(part.body, Buffer.from('c\x9b', 'latin1'))
  })

  it('has another length than it should', async (t) => {
    const { mogstored, path } = await startWithFile(t, Buffer.from('abcdef'))
    mogstored.faults = { wrongLength: -2 }
    assert.equal((await get(path)).body.toString(), 'abcd')
    mogstored.faults = { wrongLength: 2 }
    assert.equal((await get(path)).body.toString(), 'abcdef\0\0')
  })

  it('ignores ranges, and says wrong ones', async (t) => {
    const { mogstored, path } = await startWithFile(t, Buffer.from('abcdef'))
    mogstored.faults = { ignoreRange: true }
    const whole = await get(path, 'Range: bytes=2-3\r\n')
    assert.deepEqual([whole.status, whole.body.toString()], [200, 'abcdef'])
    mogstored.faults = { wrongContentRange: 'bytes 0-1/6' }
    const { lines, body } = await get(path, 'Range: bytes=2-3\r\n')
    assert.ok(lines.includes('Content-Range: bytes 0-1/6'))
    assert.equal(body.toString(), 'cd')
  })

  it('does not have a file, or answers with a status', async (t) => {
    const { mogstored, path } = await startWithFile(t, Buffer.from('x'))
    mogstored.faults = { missing: new Set([new URL(path).pathname]) }
    assert.equal((await get(path)).status, 404)
    mogstored.faults = { missing: (name) => name.endsWith('.fid') }
    assert.equal((await get(path)).status, 404)
    mogstored.faults = { status: 500 }
    assert.equal((await get(path)).status, 500)
  })

  for (const [what, faults] of [
    ['slow', { bytesPerSecond: 100 }],
    ['late', { delayMs: 300 }],
  ] as const) {
    it(`is ${what}`, async (t) => {
      const { mogstored, path } = await startWithFile(t, Buffer.alloc(50, 'x'))
      const asked = mogstored.counters.requests('GET')
      mogstored.faults = faults
      let hasCome = false
      const late = get(path).finally(() => {
        hasCome = true
      })
      await waitFor('the request', () => mogstored.counters.requests('GET') > asked)
      mogstored.faults = {}
      await get(path)
      assert.equal(hasCome, false)
      assert.equal((await late).body.length, 50)
    })
  }

  it('hangs, refuses or talks nonsense', async (t) => {
    const { mogstored, path } = await startWithFile(t, Buffer.alloc(50, 'x'))
    mogstored.faults = { refuse: true }
    await assert.rejects(get(path), /ended after 0 bytes/)
    mogstored.faults = { garbage: true }
    assert.doesNotMatch((await readAll(path)).toString('latin1'), /^HTTP/)
    mogstored.faults = { hang: true }
    const asked = mogstored.counters.requests('GET')
    const hanging = readAll(path)
    await waitFor('the request', () => mogstored.counters.requests('GET') > asked)
    await mogstored.stop()
    assert.equal((await hanging).length, 0)
  })
})
