import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  formatFidPath,
  formatFidUrl,
  parseFidPath,
  parseFidUrl,
} from '../../../src/wire/mogilefs/fid-path.ts'
import { isInvalidRef } from '../../support/protocol-error.ts'

const count = fc.maxSafeNat()

describe('the path of a fid', () => {
  const cases = [
    [1, 3, '/dev1/0/000/000/0000000003.fid'],
    [12, 1_234_567_890, '/dev12/1/234/567/1234567890.fid'],
    [1, 12_345_678_901, '/dev1/1/234/567/12345678901.fid'],
    [1, 9_007_199_254_740_991, '/dev1/9/007/199/9007199254740991.fid'],
    [0, 0, '/dev0/0/000/000/0000000000.fid'],
  ] as const
  for (const [devid, fid, path] of cases) {
    it(path, () => {
      assert.equal(formatFidPath({ devid, fid }), path)
      assert.deepEqual(parseFidPath(path), { devid, fid })
    })
  }

  it('is made of whole numbers alone', () => {
    for (const fid of [-1, 1.5, Number.NaN, 2 ** 53]) {
      assert.throws(() => formatFidPath({ devid: 1, fid }), isInvalidRef)
      assert.throws(() => formatFidPath({ devid: fid, fid: 1 }), isInvalidRef)
    }
  })

  it('comes back as it was', () => {
    const devid = fc.nat({ max: 9_999_999_999 })
    fc.assert(
      fc.property(devid, count, (devid, fid) => {
        assert.deepEqual(parseFidPath(formatFidPath({ devid, fid })), { devid, fid })
      }),
    )
  })

  for (const path of [
    '/dev1/0/000/001/0000000003.fid',
    '/dev1/1/000/000/0000000003.fid',
    '/dev01/0/000/000/0000000003.fid',
    '/dev1/0/000/000/00000000003.fid',
    '/dev1/0/000/000/000000003.fid',
    '/dev1/0/000/000/0000000003.fid ',
    '/dev1/0/000/000/0000000003.fid?x',
    '/dev1/0/000/000/0000000003.FID',
    '/dev1/0/000/000/../../../usage',
    '/dev1/usage',
    '//dev1/0/000/000/0000000003.fid',
    '/dev1/9/999/999/9999999999999999.fid',
    '/',
    '',
  ]) {
    it(`is not "${path}"`, () => assert.equal(parseFidPath(path), undefined))
  }
})

describe('the URL of a copy', () => {
  const path = '/dev1/0/000/000/0000000003.fid'

  it('has a host and a port', () => {
    const url = `http://10.0.0.1:7500${path}`
    const copy = { host: '10.0.0.1', port: 7500, devid: 1, fid: 3 }
    assert.deepEqual(parseFidUrl(url), copy)
    assert.equal(formatFidUrl(copy), url)
    assert.equal(parseFidUrl(`http://store-1.example:80${path}`)?.host, 'store-1.example')
  })

  for (const url of [
    `http://10.0.0.1${path}`,
    `https://10.0.0.1:7500${path}`,
    `http://10.0.0.1:0${path}`,
    `http://10.0.0.1:65536${path}`,
    `http://a@10.0.0.1:7500${path}`,
    `http://10.0.0.1:7500:80${path}`,
    `http://10.0.0.1:7500/x${path}`,
    `http://10.0.0.1\r\nX: y:7500${path}`,
    `http://:7500${path}`,
    path,
  ]) {
    it(`is not ${JSON.stringify(url)}`, () => assert.equal(parseFidUrl(url), undefined))
  }
})
