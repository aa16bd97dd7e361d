import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { formatFaults, readEdgeConf } from '../../src/config/index.ts'
import { brief, confFolder, confOf, readText } from './conf-folder.ts'

const CHECK = 'http.anti_steal.check_token = yes\n'
const KEY = 'http.anti_steal.secret_key = long and random\n'

function readWith(t: TestContext, text: string, files: Readonly<Record<string, string | Buffer>>) {
  const folder = confFolder(t, { 'edge.conf': `tracker_server = a\n${text}`, ...files })
  return readEdgeConf(join(folder, 'edge.conf'))
}

test('a token check without a key is a fault, an empty key as well', (t) => {
  const message = 'http.anti_steal.check_token needs http.anti_steal.secret_key'
  assert.deepEqual(brief(readText(t, CHECK).faults), [`2: ${message}`])
  assert.deepEqual(brief(readText(t, `${CHECK}http.anti_steal.secret_key =`).faults), [
    `3: ${message}`,
  ])
  assert.equal(confOf(readText(t, CHECK + KEY)).antiSteal.secretKey, 'long and random')
})

test("the key of FastDFS's sample is a warning where tokens are checked", (t) => {
  const sample = 'http.anti_steal.secret_key = FastDFS1234567890\n'
  assert.deepEqual(readText(t, sample).warnings, [])
  const { warnings } = readText(t, CHECK + sample)
  assert.match(brief(warnings).join(), /^3: .*everybody knows it$/)
  assert.doesNotMatch(formatFaults([], warnings), /1234567890/)
})

test('no fault and no warning ever shows the key', (t) => {
  const texts = [
    `http.anti_steal.secret_key = ${'hush'.repeat(400)}`,
    'http.anti_steal.secret_key hush',
    'http.anti_steal.secret_key: hush = hush',
    'http.anti_steal.secretkey = hush',
    'http.anti_steal.secret_key = hush # hush\nhttp.anti_steal.secret_key = hush',
    '[group1]\nhttp.anti_steal.secret_key = hush',
    '[other]\nhttp.anti_steal.secret_key = hush',
    'Hush1234== = hush',
  ]
  for (const text of texts) {
    const { faults, warnings } = readText(t, CHECK + text)
    assert.ok(faults.length + warnings.length > 0, text)
    assert.doesNotMatch(formatFaults(faults, warnings), /hush/i, text)
  }
})

test('whatever the key is, it does not show', (t) => {
  const key = fc.stringMatching(/^[A-Za-z0-9+/=#]{24,40}$/)
  fc.assert(
    fc.property(key, fc.constantFrom('=', '=\n', ':', ' ', '= # ', '= \0'), (secret, between) => {
      const { faults, warnings } = readText(
        t,
        `${CHECK}http.anti_steal.secret_key${between}${secret}`,
      )
      assert.ok(!formatFaults(faults, warnings).includes(secret))
    }),
    { numRuns: 50 },
  )
})

test('the file for a failed check is read where tokens are checked', (t) => {
  const text = `${KEY}http.anti_steal.token_check_fail = img/no.jpg\n`
  const files = { 'img/no.jpg': Buffer.from([0xff, 0xd8]) }
  assert.equal(confOf(readWith(t, text, files)).antiSteal.tokenCheckFail, null)
  assert.deepEqual(confOf(readWith(t, CHECK + text, files)).antiSteal.tokenCheckFail, {
    filename: 'no.jpg',
    content: files['img/no.jpg'],
  })
})

test('a file for a failed check that is missing or large is a fault, unless it is not used', (t) => {
  const text = `${KEY}http.anti_steal.token_check_fail = no.jpg\n`
  assert.deepEqual(readWith(t, text, {}).faults, [])
  assert.match(
    brief(readWith(t, CHECK + text, {}).faults).join(),
    /^4: .*no\.jpg" cannot be read: no/,
  )
  const large = { 'no.jpg': Buffer.alloc(1024 * 1024 + 1) }
  assert.match(brief(readWith(t, CHECK + text, large).faults).join(), /larger than 1048576 bytes$/)
  const folder = { 'no.jpg/': '' }
  assert.match(brief(readWith(t, CHECK + text, folder).faults).join(), /it is a folder$/)
})
