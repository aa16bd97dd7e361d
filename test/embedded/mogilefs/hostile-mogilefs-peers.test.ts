import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { waitFor } from '../../support/wait-for.ts'
import { askHttp, get, HttpPeer } from './http-peer.ts'
import { askLine, LinePeer } from './line-peer.ts'
import { mogstoredOf, open, startMogilefs, trackerOf, upload } from './mogilefs-fixture.ts'

const MIB = 1024 * 1024

describe('a tracker', () => {
  it('answers a line of a megabyte, and hangs up on a longer one', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    const head = 'file_info domain=img&key='
    const longest = head + 'k'.repeat(MIB - head.length - 1)
    assert.equal(await askLine(tracker, longest), 'ERR unknown_key unknown_key')
    const peer = new LinePeer(tracker.address)
    peer.send('k'.repeat(MIB + 1))
    await peer.ended()
    assert.equal(peer.received.length, 0)
  })

  it('answers what is pipelined in order, and what is half closed', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    const peer = new LinePeer(tracker.address)
    const lines = Array.from({ length: 500 }, (_, n) => `noop callid=${n}\r\n`)
    peer.socket.end(lines.join(''))
    for (let n = 0; n < 500; n++) assert.equal(await peer.line(), `OK callid=${n}`)
    await peer.ended()
  })

  it('drops a line that is not ended', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    const peer = new LinePeer(tracker.address)
    peer.socket.end('noop')
    await peer.ended()
    assert.equal(peer.received.length, 0)
  })

  it('hangs up on a line that does not end in time', async (t) => {
    const tracker = trackerOf(await startMogilefs(t, { limits: { requestTimeoutMs: 50 } }))
    const peer = new LinePeer(tracker.address)
    peer.send('no')
    await peer.ended()
  })

  it('survives bytes that are no text', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    const peer = new LinePeer(tracker.address)
    peer.send(Buffer.from('\x00\xff\xfe=&&==%%\r\n \x00 \r\nget_paths &=&domain=%zz\r\n', 'latin1'))
    for (let n = 0; n < 3; n++) assert.match(await peer.line(), /^ERR /)
    assert.equal(await peer.ask('noop'), 'OK ')
    peer.close()
  })

  it('takes no SQL and no path for more than a text', async (t) => {
    const cluster = await startMogilefs(t)
    for (const key of ["';DROP TABLE file;--", '../../etc/passwd', '%', '\0']) {
      await upload(cluster, key, Buffer.from('x'))
      const line = await askLine(
        trackerOf(cluster),
        `file_info domain=img&key=${encodeURIComponent(key)}`,
      )
      assert.match(line, /^OK .*length=1/)
    }
  })

  it('answers ! with lines that end in a dot', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    for (const command of ['!version', '!stats', '!shutdown', '!nosuch']) {
      const peer = new LinePeer(tracker.address)
      peer.send(`${command}\r\n`)
      while ((await peer.line()) !== '.');
      assert.equal(await peer.ask('noop'), 'OK ')
      peer.close()
    }
  })

  it('takes no more connections than it may', async (t) => {
    const tracker = trackerOf(await startMogilefs(t, { limits: { maxConnections: 1 } }))
    const first = new LinePeer(tracker.address)
    await first.ask('noop')
    const second = new LinePeer(tracker.address)
    await second.ended()
    first.close()
  })
})

describe('a mogstored', () => {
  it('hangs up on a head without an end', async (t) => {
    const { address } = mogstoredOf(await startMogilefs(t), 1)
    const peer = new HttpPeer(address)
    peer.send(`GET / HTTP/1.1\r\n${'X-A: b\r\n'.repeat(30_000)}`)
    await peer.ended()
    assert.equal(peer.received.length, 0)
  })

  it('hangs up on a head that does not end in time, however many lines it has', async (t) => {
    const cluster = await startMogilefs(t, { limits: { requestTimeoutMs: 100 } })
    const peer = new HttpPeer(mogstoredOf(cluster, 1).address)
    peer.send('GET / HTTP/1.1\r\n')
    const sending = setInterval(() => peer.send('X-A: b\r\n'), 10)
    t.after(() => clearInterval(sending))
    await peer.ended()
    assert.equal(peer.received.length, 0)
  })

  it('hangs up when nothing is asked', async (t) => {
    const cluster = await startMogilefs(t, { limits: { idleTimeoutMs: 50 } })
    await new HttpPeer(mogstoredOf(cluster, 1).address).ended()
  })

  for (const [what, fields, status] of [
    ['a length that is none', 'Content-Length: x\r\n', 400],
    ['a length below zero', 'Content-Length: -1\r\n', 400],
    ['two lengths', 'Content-Length: 1\r\nContent-Length: 2\r\n', 400],
    ['a coding that is unknown', 'Transfer-Encoding: gzip\r\n', 400],
  ] as const) {
    it(`refuses ${what}`, async (t) => {
      const cluster = await startMogilefs(t)
      const url = new URL((await open(cluster, 'k')).path)
      const peer = new HttpPeer({ host: url.hostname, port: Number(url.port) })
      peer.send(`PUT ${url.pathname} HTTP/1.1\r\n${fields}\r\n`)
      assert.equal((await peer.read()).status, status)
      await peer.ended()
    })
  }

  it('hangs up on chunks that are none, and stores nothing of them', async (t) => {
    const dataDir = await temporaryFolder(t)
    const cluster = await startMogilefs(t, { dataDir })
    const { path, devid } = await open(cluster, 'k')
    const url = new URL(path)
    for (const chunks of ['x\r\n', '3\r\nabcd\r\n0\r\n\r\n', '-1\r\n', '1'.repeat(20_000)]) {
      const peer = new HttpPeer({ host: url.hostname, port: Number(url.port) })
      const head = `PUT ${url.pathname} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n`
      peer.send(head + chunks)
      await peer.ended()
      assert.equal(peer.received.length, 0)
    }
    assert.deepEqual(await readdir(join(dataDir, `dev${devid}`)), ['tmp'])
    assert.deepEqual(await readdir(join(dataDir, `dev${devid}`, 'tmp')), [])
  })

  it('keeps to its devices, whatever the path', async (t) => {
    const cluster = await startMogilefs(t)
    const { address } = mogstoredOf(cluster, 1)
    await upload(cluster, 'k', Buffer.from('x'), { domain: 'video', className: 'big' })
    await cluster.settled()
    for (const path of [
      '/dev2/0/000/000/0000000001.fid',
      '/mogilefs.sqlite',
      '/dev1/tmp/',
      '/dev1/tmp',
      '/dev1/0/000/000/1.fid',
      '/dev1//etc/passwd',
      '/dev1/%2fetc/passwd',
      '/dev1/%00',
      '*',
    ]) {
      const { status } = await askHttp(address, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
      assert.equal(status, 404, path)
    }
    for (const path of ['/..', '/dev1/..%2f..%2fx', '/%2e%2e/dev1/usage']) {
      const { status } = await askHttp(address, `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`)
      assert.equal(status, 403, path)
    }
  })

  it('does not read ahead of a client that does not take its file', async (t) => {
    const cluster = await startMogilefs(t)
    const { path, devid } = await upload(cluster, 'k', Buffer.alloc(60 * MIB), { className: 'one' })
    const url = new URL(path)
    const peer = new HttpPeer({ host: url.hostname, port: Number(url.port) })
    peer.socket.pause()
    peer.send(`GET ${url.pathname} HTTP/1.1\r\nHost: x\r\n\r\n`)
    const mogstored = mogstoredOf(cluster, devid)
    await waitFor('the request', () => mogstored.counters.requests('GET') === 1)
    const before = process.memoryUsage().arrayBuffers
    for (let n = 0; n < 20; n++) assert.equal((await get(`http://${url.host}/`)).status, 200)
    assert.ok(process.memoryUsage().arrayBuffers - before < 20 * MIB)
    peer.close()
  })

  it('reads on after a refused upload, and hangs up on one without an end', async (t) => {
    const cluster = await startMogilefs(t)
    const { address } = mogstoredOf(cluster, 1)
    const path = '/dev1/0/000/000/0000000009.fid'
    const peer = new HttpPeer(address)
    peer.send(`PUT ${path} HTTP/1.1\r\nContent-Length: 5\r\n\r\nabcde`)
    assert.equal((await peer.read()).status, 403)
    peer.send('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    assert.equal((await peer.read()).status, 200)
    peer.send(`PUT ${path} HTTP/1.1\r\nContent-Length: ${64 * MIB}\r\n\r\n`)
    assert.equal((await peer.read()).status, 403)
    const block = Buffer.alloc(MIB)
    for (let n = 0; n < 17; n++) peer.send(block)
    await peer.ended()
    peer.close()
  })
})
