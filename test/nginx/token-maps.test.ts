import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { NginxFixture } from '../support/nginx-fixture.ts'

const TTLS = [1, 7, 60, 99, 600, 909, 3600, 86_400, 604_800, 12_345_678, 315_360_000]
const TIMES = [
  1_000_000_000, 1_099_999_999, 1_795_762_799, 1_799_999_940, 1_999_999_999, 8_999_999_999,
  9_684_640_000, 9_999_999_999, 99_999_999_999, 999_999_999_999_999,
]
const MD5S = [
  '0'.repeat(32),
  'f'.repeat(32),
  ...Array.from({ length: 40 }, (_, index) => createHash('md5').update(`${index}`).digest('hex')),
]
const [MD5 = ''] = MD5S

const inBase64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url')

for (const tokenTtlSeconds of TTLS) {
  describe(`what secure_link is told where a token holds for ${tokenTtlSeconds} s`, () => {
    const nginx = NginxFixture.use({
      conf: (base) => ({
        ...base,
        antiSteal: { checkToken: false, secretKey: 'any', tokenTtlSeconds, tokenCheckFail: null },
      }),
      server: () => 'location = /words { return 200 $dfs_token_words; }',
    })
    const words = async (md5: string, ts: string): Promise<string> =>
      `${(await nginx.request(`/words?token=${md5}&ts=${ts}`)).body}`

    it('is the md5 in base64url, and how long it holds', async () => {
      const random = MD5S.map((_, index) => 1_700_000_000 + ((index * 7_654_321) % 99_999_999))
      for (const [index, time] of [...TIMES, ...random].entries()) {
        const md5 = MD5S[index % MD5S.length] ?? ''
        const [given, until] = (await words(md5, `${time}`)).split(',')
        assert.equal(given, inBase64(md5))
        assert.equal(Number(until), time + tokenTtlSeconds, `${time}`)
      }
    })

    it('is the md5 alone where a token never expires', async () => {
      for (const md5 of MD5S) assert.equal(await words(md5, '0'), inBase64(md5))
    })

    it('is no md5 for what is none', async () => {
      for (const md5 of ['', MD5.slice(1), `${MD5}0`, `${MD5.slice(1)}g`, `${MD5.slice(1)}%0a`]) {
        assert.equal(await words(md5, '0'), '')
      }
      assert.equal(await words('F'.repeat(32), '0'), '')
    })

    it('is nothing for a time that is none', async () => {
      for (const ts of ['', '00', '-1', '1', '999999999', '01795762799', '1795762799x', '1e9']) {
        assert.equal(await words(MD5, ts), '', ts)
      }
      assert.equal(await words(MD5, '1'.repeat(16)), '')
    })
  })
}
