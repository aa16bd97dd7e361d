import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { escapeArgument } from '../../../src/wire/mogilefs/arguments.ts'
import { waitFor } from '../../support/wait-for.ts'
import { get } from './http-peer.ts'
import { askError, askOk } from './line-peer.ts'
import { mogstoredOf, pathsOf, startMogilefs, trackerOf, upload } from './mogilefs-fixture.ts'

const OLD = Buffer.from('old')
const NEW = Buffer.from('newer')

describe('an overwrite', () => {
  it('makes a new fid, and the copies of the old one go', async (t) => {
    const cluster = await startMogilefs(t)
    await upload(cluster, 'k', OLD)
    await cluster.settled()
    const before = await pathsOf(cluster, 'k')
    await upload(cluster, 'k', NEW)
    await cluster.settled()
    const paths = await pathsOf(cluster, 'k')
    assert.equal(paths.length, 2)
    for (const path of paths) assert.equal((await get(path)).body.toString(), 'newer')
    for (const path of before) assert.equal((await get(path)).status, 404)
  })

  it('reaches a key in another spelling', async (t) => {
    const cluster = await startMogilefs(t)
    await upload(cluster, 'Café.jpg', OLD)
    await upload(cluster, 'cafe.JPG ', NEW)
    const { fid, key } = await askOk(trackerOf(cluster), 'file_info domain=img&key=CAFE.jpg')
    assert.deepEqual([fid, key], ['2', 'CAFE.jpg'])
    const list = await askOk(trackerOf(cluster), 'list_keys domain=img')
    assert.deepEqual([list['key_count'], list['key_1']], ['1', 'cafe.JPG '])
  })
})

describe('a delete', () => {
  it('takes the key at once and the copies soon', async (t) => {
    const cluster = await startMogilefs(t)
    const { fid } = await upload(cluster, 'k', OLD)
    await cluster.settled()
    await askOk(trackerOf(cluster), 'delete domain=img&key=K')
    assert.equal(await askError(trackerOf(cluster), 'get_paths domain=img&key=k'), 'unknown_key')
    assert.equal(await askError(trackerOf(cluster), 'delete domain=img&key=k'), 'unknown_key')
    await cluster.settled()
    for (const devid of [1, 2, 3]) assert.equal(existsSync(cluster.pathOf(devid, fid)), false)
  })

  it('waits for a device that is away', async (t) => {
    const cluster = await startMogilefs(t)
    const { fid, devid } = await upload(cluster, 'k', OLD, { className: 'one' })
    const mogstored = mogstoredOf(cluster, devid)
    await mogstored.stop()
    await askOk(trackerOf(cluster), 'delete domain=img&key=k')
    await cluster.settled()
    assert.ok(existsSync(cluster.pathOf(devid, fid)))
    const debug = await askOk(trackerOf(cluster), `file_debug fid=${fid}`)
    assert.equal(debug['delqueue_failcount'], '1')
    await mogstored.start()
    await waitFor('the delete', () => !existsSync(cluster.pathOf(devid, fid)))
  })
})

describe('a rename', () => {
  it('keeps fid and paths', async (t) => {
    const cluster = await startMogilefs(t)
    const { fid } = await upload(cluster, 'a', OLD)
    await askOk(trackerOf(cluster), 'rename domain=img&from_key=a&to_key=b/c%26d')
    assert.equal(await askError(trackerOf(cluster), 'file_info domain=img&key=a'), 'unknown_key')
    const info = await askOk(trackerOf(cluster), 'file_info domain=img&key=b/c%26d')
    assert.equal(info['fid'], `${fid}`)
  })

  it('may change the spelling, and never takes the key of another file', async (t) => {
    const cluster = await startMogilefs(t)
    const tracker = trackerOf(cluster)
    await upload(cluster, 'a', OLD)
    await upload(cluster, 'b', NEW)
    const toB = 'rename domain=img&from_key=a&to_key=B'
    assert.equal(await askError(tracker, toB), 'key_exists')
    await askOk(tracker, 'rename domain=img&from_key=a&to_key=A')
    const missing = 'rename domain=img&from_key=x&to_key=y'
    assert.equal(await askError(tracker, missing), 'unknown_key')
    assert.equal(await askError(tracker, 'rename domain=img&from_key=a'), 'no_key')
  })
})

describe('UPDATECLASS', () => {
  it('makes the copies that the new class wants', async (t) => {
    const cluster = await startMogilefs(t)
    await askOk(trackerOf(cluster), 'create_class domain=img&class=all&mindevcount=3')
    await upload(cluster, 'k', OLD, { className: 'one' })
    await cluster.settled()
    assert.equal((await pathsOf(cluster, 'k')).length, 1)
    await askOk(trackerOf(cluster), 'updateclass domain=img&key=k&class=all')
    await cluster.settled()
    assert.equal((await pathsOf(cluster, 'k')).length, 3)
  })

  it('says what is unknown', async (t) => {
    const cluster = await startMogilefs(t)
    const tracker = trackerOf(cluster)
    await upload(cluster, 'k', OLD)
    for (const [args, code] of [
      ['key=x&class=one', 'invalid_key'],
      ['key=k&class=x', 'class_not_found'],
      ['key=k', 'no_class'],
    ] as const) {
      assert.equal(await askError(tracker, `updateclass domain=img&${args}`), code)
    }
  })
})

describe('LIST_KEYS', () => {
  it('goes on page by page, in the order of the collation', async (t) => {
    const cluster = await startMogilefs(t)
    for (const key of ['b', 'A', 'a/2', 'á/1', '買', 'a_', 'ab']) await upload(cluster, key, OLD)
    const pages: string[][] = []
    for (let after = ''; pages.length < 3; ) {
      const request = `list_keys domain=img&prefix=a&limit=2&after=${escapeArgument(after)}`
      const page = await askOk(trackerOf(cluster), request)
      pages.push([page['key_1'] ?? '', page['key_2'] ?? ''])
      after = page['next_after'] ?? ''
    }
    assert.deepEqual(pages, [
      ['A', 'á/1'],
      ['a/2', 'ab'],
      ['a_', ''],
    ])
  })

  it('takes a prefix as it stands, not for an expression', async (t) => {
    const cluster = await startMogilefs(t)
    for (const key of ['a+b', 'a+c', '(x', '%', '_']) await upload(cluster, key, OLD)
    const tracker = trackerOf(cluster)
    const page = await askOk(tracker, 'list_keys domain=img&prefix=a%2B&after=a%2Bb')
    assert.deepEqual([page['key_count'], page['key_1']], ['1', 'a+c'])
    assert.equal((await askOk(tracker, 'list_keys domain=img&prefix=('))['key_1'], '(x')
    assert.equal((await askOk(tracker, 'list_keys domain=img&prefix=%25'))['key_count'], '1')
    const other = 'list_keys domain=img&prefix=a&after=b'
    assert.equal(await askError(tracker, other), 'after_mismatch')
    assert.equal(await askError(tracker, 'list_keys domain=img&prefix=zz'), 'none_match')
  })
})
