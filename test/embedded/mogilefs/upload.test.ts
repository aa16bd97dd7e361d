import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { randomContent } from '../../support/random-content.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { waitFor } from '../../support/wait-for.ts'
import { askHttp, get, HttpPeer, put } from './http-peer.ts'
import { askError, askOk } from './line-peer.ts'
import {
  closeLine,
  mogstoredOf,
  open,
  pathsOf,
  startMogilefs,
  trackerOf,
  upload,
} from './mogilefs-fixture.ts'

const TEXT = Buffer.from('content')

describe('an upload', () => {
  it('is copied to as many devices as its class wants', async (t) => {
    const cluster = await startMogilefs(t)
    const content = randomContent(3_000_000)
    const { fid } = await upload(cluster, 'a.bin', content)
    await cluster.settled()
    const paths = await pathsOf(cluster, 'a.bin')
    assert.equal(paths.length, 2)
    for (const path of paths) assert.deepEqual((await get(path)).body, content)
    const info = await askOk(trackerOf(cluster), 'file_info domain=img&key=a.bin')
    assert.deepEqual(
      { ...info },
      {
        fid: `${fid}`,
        ...{ domain: 'img', key: 'a.bin', class: 'along', length: '3000000', devcount: '2' },
      },
    )
  })

  for (const [className, domain, copies] of [
    ['one', 'img', 1],
    ['big', 'video', 3],
  ] as const) {
    it(`of the class ${className} ends with ${copies} copies`, async (t) => {
      const cluster = await startMogilefs(t)
      await upload(cluster, 'k', TEXT, { domain, className })
      await cluster.settled()
      const request = `get_paths domain=${domain}&key=k&noverify=1&pathcount=9`
      const { paths } = await askOk(trackerOf(cluster), request)
      assert.equal(Number(paths), copies)
    })
  }

  it('follows the number in a policy rather than mindevcount', async (t) => {
    const cluster = await startMogilefs(t)
    const policy = 'domain=img&class=three&mindevcount=2&replpolicy=MultipleHosts(3)'
    await askOk(trackerOf(cluster), `create_class ${policy}`)
    await upload(cluster, 'k', TEXT, { className: 'three' })
    await cluster.settled()
    assert.equal((await pathsOf(cluster, 'k')).length, 3)
  })

  it('with multi_dest gets as many destinations as its class wants, on hosts of their own', async (t) => {
    const cluster = await startMogilefs(t)
    const request = 'create_open domain=video&class=big&key=k&multi_dest=1&fid=0'
    const answer = await askOk(trackerOf(cluster), request)
    assert.equal(answer['dev_count'], '3')
    const devids = [1, 2, 3].map((n) => answer[`devid_${n}`])
    assert.deepEqual(devids.sort(), ['1', '2', '3'])
    for (const n of [1, 2, 3]) {
      const path = `/dev${answer[`devid_${n}`]}/0/000/000/0000000001.fid`
      assert.ok(answer[`path_${n}`]?.endsWith(path))
    }
  })

  it('that was put to several destinations keeps the one that is closed', async (t) => {
    const cluster = await startMogilefs(t)
    const request = 'create_open domain=video&class=big&key=k&multi_dest=1'
    const answer = await askOk(trackerOf(cluster), request)
    const { devid_1: devid, path_1: path = '', path_2: other = '' } = answer
    for (const url of [path, other]) assert.equal((await put(url, TEXT)).status, 200)
    mogstoredOf(cluster, Number(answer['devid_2'])).pause()
    await askOk(
      trackerOf(cluster),
      closeLine({ fid: 1, devid: Number(devid), path }, { key: 'k', size: 7, domain: 'video' }),
    )
    assert.equal(existsSync(cluster.pathOf(Number(answer['devid_2']), 1)), false)
  })

  it('may be empty, chunked, or of a size that nobody knows', async (t) => {
    const cluster = await startMogilefs(t)
    const empty = await upload(cluster, 'empty', Buffer.alloc(0))
    assert.equal((await get(empty.path)).body.length, 0)
    const opened = await open(cluster, 'chunked')
    const { hostname, port, pathname } = new URL(opened.path)
    const head = `PUT ${pathname} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`
    const body = '3;x=y\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nA: b\r\n\r\n'
    const answer = await askHttp({ host: hostname, port: Number(port) }, head + body)
    assert.equal(answer.status, 200)
    await askOk(trackerOf(cluster), closeLine(opened, { key: 'chunked', size: 0 }))
    assert.equal((await get(opened.path)).body.toString(), 'abc0123456789abcdef')
  })

  it('of a class with a hash type gets its checksum', async (t) => {
    const cluster = await startMogilefs(t)
    const sha1 = 'create_class domain=img&class=sha&mindevcount=1&hashtype=SHA-1'
    await askOk(trackerOf(cluster), sha1)
    for (const [className, name, algorithm] of [
      ['sums', 'MD5', 'md5'],
      ['sha', 'SHA-1', 'sha1'],
    ] as const) {
      await upload(cluster, className, TEXT, { className })
      await cluster.settled()
      const hex = createHash(algorithm).update(TEXT).digest('hex')
      const info = await askOk(trackerOf(cluster), `file_info domain=img&key=${className}`)
      assert.equal(info['checksum'], `${name}:${hex}`)
    }
  })

  it('says MISSING as long as there is no checksum', async (t) => {
    const cluster = await startMogilefs(t)
    cluster.store.exec("INSERT INTO file VALUES (9, 1, 'k', 7, 2, 0)")
    const info = await askOk(trackerOf(cluster), 'file_info domain=img&key=k')
    assert.equal(info['checksum'], 'MISSING')
  })

  it('is closed only with what belongs together', async (t) => {
    const cluster = await startMogilefs(t)
    const tracker = trackerOf(cluster)
    const opened = await open(cluster, 'k')
    const bogus = { ...opened, path: opened.path.replace('/dev', '/dav') }
    assert.equal(await askError(tracker, closeLine(bogus, { key: 'k', size: 7 })), 'bogus_args')
    const line = closeLine(opened, { key: 'k', size: 7 })
    assert.equal(await askError(tracker, line), 'size_verify_error')
    assert.equal(await askError(tracker, line), 'no_temp_file')
    const second = await open(cluster, 'k')
    await put(second.path, TEXT)
    const wrong = closeLine(second, { key: 'k', size: 8 })
    assert.equal(await askError(tracker, wrong), 'size_mismatch')
    await cluster.settled()
    assert.equal(existsSync(cluster.pathOf(second.devid, second.fid)), false)
    assert.equal(await askError(tracker, 'create_close domain=img&key=k'), 'no_fid')
  })

  it('is closed to a device that it was not sent to in vain', async (t) => {
    const cluster = await startMogilefs(t)
    const opened = await open(cluster, 'k')
    const devid = opened.devid === 1 ? 2 : 1
    const { port } = mogstoredOf(cluster, devid).address
    const path = `http://127.0.0.${devid}:${port}/dev${devid}/0/000/000/0000000001.fid`
    const line = closeLine({ ...opened, devid, path }, { key: 'k', size: 7 })
    assert.equal(await askError(trackerOf(cluster), line), 'invalid_destdev')
  })

  it('is checked against the checksum of its client, where that is asked for', async (t) => {
    const cluster = await startMogilefs(t)
    const md5 = createHash('md5').update(TEXT).digest('hex')
    for (const [sum, expected] of [
      [md5, 'ok'],
      ['0'.repeat(32), 'checksum_mismatch'],
      ['xyz', 'invalid_checksum_format'],
    ] as const) {
      const opened = await open(cluster, 'k')
      await put(opened.path, TEXT)
      const line = `${closeLine(opened, { key: 'k', size: 7 })}&checksum=MD5:${sum}&checksumverify=1`
      if (expected === 'ok') await askOk(trackerOf(cluster), line)
      else assert.equal(await askError(trackerOf(cluster), line), expected)
    }
  })

  it('that is never closed is forgotten after an hour', async (t) => {
    let now = Date.now()
    const dataDir = await temporaryFolder(t)
    const first = await startMogilefs(t, { dataDir, now: () => now })
    const { devid, fid, path } = await open(first, 'k')
    await put(path, TEXT)
    await first.close()
    now += 3_601_000
    const second = await startMogilefs(t, { dataDir, now: () => now })
    await second.settled()
    assert.equal(existsSync(second.pathOf(devid, fid)), false)
  })

  it('is refused when no device has room or is open', async (t) => {
    const cluster = await startMogilefs(t)
    const tracker = trackerOf(cluster)
    const huge = 'create_open domain=img&key=k&size=999999999999999'
    assert.equal(await askError(tracker, huge), 'no_devices')
    for (const mogstored of cluster.mogstoreds) mogstored.pause()
    assert.equal(await askError(tracker, 'create_open domain=img&key=k'), 'no_devices')
    tracker.isObserving = false
    assert.match((await askOk(tracker, 'create_open domain=img&key=k'))['path'] ?? '', /^http:/)
  })

  it('is refused with a class, domain, key or fid that cannot be', async (t) => {
    const tracker = trackerOf(await startMogilefs(t))
    const errors = [
      ['domain=img&key=k&class=nosuch', 'unreg_class'],
      ['domain=nosuch&key=k', 'unreg_domain'],
      ['key=k', 'no_domain'],
      [`domain=img&key=${'k'.repeat(256)}`, 'db'],
    ] as const
    for (const [args, code] of errors) {
      assert.equal(await askError(tracker, `create_open ${args}`), code)
    }
    await askOk(tracker, 'create_open domain=img&key=k&fid=77')
    assert.equal(await askError(tracker, 'create_open domain=img&key=k&fid=77'), 'fid_in_use')
  })

  it('takes the key that is given when it is closed, and none at all for a change of mind', async (t) => {
    const cluster = await startMogilefs(t)
    const { fid, devid, path } = await open(cluster, 'k')
    await put(path, TEXT)
    const line = `create_close domain=img&fid=${fid}&devid=${devid}&path=${path}&size=7`
    await askOk(trackerOf(cluster), line)
    await cluster.settled()
    assert.equal(existsSync(cluster.pathOf(devid, fid)), false)
    assert.equal(await askError(trackerOf(cluster), 'file_info domain=img&key=k'), 'unknown_key')
  })
})

describe('a PUT', () => {
  it('is refused where no upload is awaited, and after it was closed', async (t) => {
    const cluster = await startMogilefs(t)
    const { path } = await upload(cluster, 'k', TEXT)
    assert.equal((await put(path, Buffer.from('changed'))).status, 403)
    assert.equal((await get(path)).body.toString(), 'content')
    const never = path.replace('0000000001.fid', '0000000002.fid')
    assert.equal((await put(never, TEXT)).status, 403)
    for (const end of ['evil.txt', '0/000/000/../x', 'usage', '']) {
      const url = new URL(path)
      const { host } = mogstoredOf(cluster, 1).address
      const request = `PUT /dev1/${end} HTTP/1.0\r\nContent-length: 0\r\n\r\n`
      const { status } = await askHttp({ host, port: Number(url.port) }, request)
      assert.ok(status === 403 || status === 404, `${end}: ${status}`)
    }
  })

  it('to a device of another daemon finds nothing', async (t) => {
    const cluster = await startMogilefs(t)
    const { path, devid } = await open(cluster, 'k')
    const other = mogstoredOf(cluster, devid === 1 ? 2 : 1).address
    const url = `http://${other.host}:${other.port}${new URL(path).pathname}`
    assert.equal((await put(url, TEXT)).status, 404)
  })

  it('that is closed while it goes on changes nothing', async (t) => {
    const cluster = await startMogilefs(t)
    const opened = await open(cluster, 'k')
    await put(opened.path, TEXT)
    const url = new URL(opened.path)
    const peer = new HttpPeer({ host: url.hostname, port: Number(url.port) })
    t.after(() => peer.close())
    peer.send(`PUT ${url.pathname} HTTP/1.0\r\nContent-length: 7\r\n\r\nCHA`)
    const mogstored = mogstoredOf(cluster, opened.devid)
    await waitFor('the second PUT', () => mogstored.counters.requests('PUT') === 2)
    await askOk(trackerOf(cluster), closeLine(opened, { key: 'k', size: 7 }))
    peer.send('NGED')
    assert.equal((await peer.read()).status, 403)
    assert.equal(await readFile(cluster.pathOf(opened.devid, opened.fid), 'utf8'), 'content')
  })

  it('that breaks off leaves nothing', async (t) => {
    const dataDir = await temporaryFolder(t)
    const cluster = await startMogilefs(t, { dataDir })
    const { path, devid, fid } = await open(cluster, 'k')
    const url = new URL(path)
    const peer = new HttpPeer({ host: url.hostname, port: Number(url.port) })
    peer.send(`PUT ${url.pathname} HTTP/1.0\r\nContent-length: 7\r\n\r\nCON`)
    const { counters } = mogstoredOf(cluster, devid)
    await waitFor('the request', () => counters.requests('PUT') === 1)
    peer.close()
    await waitFor('the end of it', () => counters.connectionsOpen === 0)
    assert.deepEqual(await readdir(join(dataDir, `dev${devid}`, 'tmp')), [])
    assert.equal(existsSync(cluster.pathOf(devid, fid)), false)
  })
})
