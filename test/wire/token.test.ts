import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  checkToken,
  createToken,
  type TokenCheck,
  type TokenVerdict,
} from '../../src/wire/token.ts'

const FILENAME = 'M00/00/00/fwAAA2sDFtyAHc0-AAAIAIYy60I718.png'
const SECRET = 'FastDFS1234567'
const TS = 1_795_364_572

// Each made with: printf %s "$filename$secret$ts" | openssl md5
const OF_TS = '44c80e70ee40042cc6bb9ec10f2ee9cc'
const OF_ZERO = '8fc3f7919ac4a758fdf25a21bf53c49c'
const OF_FAR_FUTURE = 'bf8b0f52c8a1f64031ecb97fb3614e2d' // ts 99999999999
const WITH_GROUP = 'c3a736e674649e62b135f5d7c06bdd01' // group1/M00/..
const OF_OTHER_WORDS: Readonly<Record<string, string>> = {
  '12x': '2d4bc590324253d0ad7d7ea50de6ebc2',
  '-1': 'a1f7e25dccaa6198d995bf6edc170eb0',
  '1795364572.0': '46648b4f70c4c615ae47c4e7a499020e',
  ' 1795364572': 'f73fa07c9d7867d5b1236523984e7b57',
  '0x10': '5eb536ac55dc90d8152777a70f873c19',
  '1e9': '26809180255bf373a17f5543c670ce7d',
  '+5': 'c1bc8749b0d5e36c84083f4a8ed2568c',
}

function verdict(change: Partial<TokenCheck> = {}): TokenVerdict {
  const good = { filename: FILENAME, token: OF_TS, ts: `${TS}`, secret: SECRET }
  return checkToken({ ...good, ttlSeconds: 900, nowSeconds: TS, ...change })
}

describe('createToken', () => {
  it('is the md5 of name, secret and time, in lower-case hex', () => {
    assert.equal(createToken(FILENAME, `${TS}`, SECRET), OF_TS)
    assert.equal(createToken(FILENAME, '0', SECRET), OF_ZERO)
    assert.equal(createToken(`group1/${FILENAME}`, `${TS}`, SECRET), WITH_GROUP)
  })

  it('takes text as UTF-8', () => {
    const made = createToken('M00/00/00/фото.png', `${TS}`, 'geheim€')
    assert.equal(made, 'c3b307d02832e98cb41954ec42b40333')
  })
})

describe('checkToken', () => {
  it('accepts a token of the filename without its group', () => {
    assert.equal(verdict(), 'ok')
    assert.equal(verdict({ token: WITH_GROUP }), 'wrong')
  })

  it('misses what is absent or empty', () => {
    assert.equal(verdict({ token: undefined }), 'missing')
    assert.equal(verdict({ ts: undefined }), 'missing')
    assert.equal(verdict({ token: '' }), 'missing')
    assert.equal(verdict({ ts: '' }), 'missing')
  })

  it('expires when more than ttl seconds have passed, not before', () => {
    assert.equal(verdict({ nowSeconds: TS + 900 }), 'ok')
    assert.equal(verdict({ nowSeconds: TS + 901 }), 'expired')
    assert.equal(verdict({ nowSeconds: TS, ttlSeconds: 0 }), 'ok')
    assert.equal(verdict({ nowSeconds: TS + 1, ttlSeconds: 0 }), 'expired')
  })

  it('never expires with ts 0', () => {
    assert.equal(verdict({ token: OF_ZERO, ts: '0', nowSeconds: 2 ** 40 }), 'ok')
    assert.equal(verdict({ ts: '0' }), 'wrong')
  })

  it('accepts a ts in the future, as upstream does', () => {
    assert.equal(verdict({ nowSeconds: TS - 1000 }), 'ok')
    assert.equal(verdict({ token: OF_FAR_FUTURE, ts: '99999999999' }), 'ok')
  })

  for (const [ts, tokenOfIt] of Object.entries(OF_OTHER_WORDS)) {
    it(`refuses ts "${ts}", though its md5 is right`, () => {
      assert.equal(createToken(FILENAME, ts, SECRET), tokenOfIt)
      assert.equal(verdict({ ts, token: tokenOfIt }), 'malformed')
    })
  }

  it('refuses a ts of more digits than a time can have', () => {
    const ts = '1'.repeat(16)
    assert.equal(verdict({ ts, token: createToken(FILENAME, ts, SECRET) }), 'malformed')
    assert.equal(verdict({ ts: `${TS}\n`, token: OF_TS }), 'malformed')
  })

  it('refuses every other spelling of the token', () => {
    const wrong = [
      OF_TS.toUpperCase(),
      OF_TS.slice(0, -1),
      `${OF_TS}0`,
      OF_TS + OF_TS,
      ` ${OF_TS}`,
      OF_TS.replace(/^./, '5'),
      OF_TS.replace(/.$/, 'd'),
      OF_TS.replace(/(?<=^.{10})./, '5'),
      OF_TS.replace(/(?<=^.{20})./, '5'),
      OF_TS.replace(/.$/, 'g'),
      'x',
      '\u{1f600}',
    ]
    for (const spelling of wrong) assert.equal(verdict({ token: spelling }), 'wrong', spelling)
  })

  it('refuses a right token for another name, time or secret', () => {
    assert.equal(verdict({ filename: FILENAME.replace('M00', 'M01') }), 'wrong')
    assert.equal(verdict({ ts: `${TS + 1}` }), 'wrong')
    assert.equal(verdict({ ts: `0${TS}` }), 'malformed')
    assert.equal(verdict({ secret: 'FastDFS1234568' }), 'wrong')
    // md5 of name and time alone
    assert.equal(verdict({ token: 'd8bd736b33f630dbf2fa3bdbffbb233c' }), 'wrong')
  })

  it('says wrong before it says expired: only who knows the secret learns of the time', () => {
    assert.equal(verdict({ token: OF_ZERO, nowSeconds: TS + 5000 }), 'wrong')
  })

  it('gives ok to nothing but the one token, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (given, ts) => {
        assert.notEqual(verdict({ token: given }), 'ok')
        assert.notEqual(verdict({ ts }), 'ok')
      }),
    )
  })
})
