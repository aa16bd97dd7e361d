import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Ref } from '../../src/resolver/resolver.ts'
import { EdgeFixture, JPG, numberedBytes, SLAVE } from '../support/edge-fixture.ts'

const BYTES = numberedBytes(100)

/** Line ends, and what becomes one where a character is cut to a byte. */
const ENDINGS = [
  ...['%0d%0a', '%0a', '%0d', '%0D%0A%20', '%00', '%0b', '%0c', '%c2%85', '%e2%80%a8', '%e2%80%a9'],
  ...['%e5%98%8a%e5%98%8d', '%c4%8d%c4%8a', '%250d%250a', '%f0%9f%98%8a', '%22%0d%0a', '%22;x=%22'],
]
const WORDS = ['X-Planted:%20y', 'Set-Cookie:%20a=b', '%0d%0aHTTP/1.1%20200%20OK']

const targets = ENDINGS.flatMap((ending) => WORDS.map((word) => `a${ending}${word}`))

describe('a name that would end its header field', () => {
  const edge = EdgeFixture.use()
  before(() => void edge.transfer.add(JPG, BYTES))

  for (const argument of ['filename', 'attname']) {
    it(`as ${argument} is a name and nothing else`, async () => {
      const { names } = await edge.request(`${JPG}?${argument}=a.jpg`)
      for (const name of targets) {
        const answer = await edge.request(`${JPG}?${argument}=${name}`)
        assert.equal(answer.status, 200, name)
        assert.deepEqual(answer.names, names)
        assert.deepEqual(answer.body, BYTES)
        const [, quoted = ''] =
          /^attachment; filename="((?:[^"\\]|\\.)*)"/.exec(
            answer.headers['content-disposition'] ?? '',
          ) ?? []
        assert.ok(quoted !== '' || !name.includes('%22'), answer.headers['content-disposition'])
      }
    })
  }

  it('in a path or another argument is in no header field', async () => {
    for (const name of targets) {
      for (const target of [`/${name}`, `${JPG}${name}`, `${JPG}?token=${name}&ts=${name}`]) {
        const { headers } = await edge.request(target)
        assert.deepEqual(
          Object.keys(headers).filter((field) => /planted|cookie/.test(field)),
          [],
        )
      }
    }
  })
})

for (const mode of ['redirect', 'accel'] as const) {
  describe(`a name that would end the header field of response_mode = ${mode}`, () => {
    const edge: EdgeFixture = EdgeFixture.use({
      trust: { proxies: ['127.0.0.1'] },
      handover: {
        mode,
        redirectPort: 80,
        hasGroupName: true,
        locate: async (ref: Ref) => {
          const facts = await edge.transfer.facts(ref, new AbortController().signal)
          if (facts === null || ref.system !== 'fastdfs') return null
          const path = `/${ref.groupName}/${ref.filename}`
          const elsewhere =
            mode === 'accel'
              ? { kind: 'file' as const, path }
              : { kind: 'host' as const, host: '10.0.0.1' }
          return { facts, elsewhere }
        },
      },
    })

    it('is encoded there, whatever a slave is called', async () => {
      for (const prefix of ['_ü', '_%0d', '_"', '_#?', '_a b', '_;', '_\u2028', '_嘊嘍']) {
        const path = SLAVE.replace('_thumb', prefix)
        edge.transfer.add(path, BYTES)
        const target = `${path.split('/').map(encodeURIComponent).join('/')}?token=%0d%0aX:%20y&ts=%0a`
        const { status, headers } = await edge.request(target)
        assert.equal(status, mode === 'accel' ? 200 : 302, target)
        const place = headers[mode === 'accel' ? 'x-accel-redirect' : 'location'] ?? ''
        assert.match(
          place,
          /^(?:http:\/\/10\.0\.0\.1|\/\.dfs-store)\/group2\/M00\/[\w/.%?=&!'()*~+-]+$/,
        )
        assert.ok(place.includes(encodeURIComponent(prefix)), place)
      }
    })
  })
}
