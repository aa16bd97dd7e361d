import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { before, describe, it, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import storeCheck from '../../nginx/njs/store-check.ts'
import tokenCheck from '../../nginx/njs/token-check.ts'
import { createNginxFiles } from '../../src/app/nginx-files.ts'
import { defaultEdgeConf } from '../../src/config/index.ts'
import token from '../../src/wire/token.ts'
import { JPG } from '../support/edge-fixture.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SECRET = 'a key with "blanks" é'
const now = Math.floor(Date.now() / 1000)
const name = JPG.replace('/group1/', '')
const right = token.createToken(name, `${now}`, SECRET)

interface Case {
  readonly what: string
  readonly method?: string
  readonly variables: Readonly<Record<string, string>>
  readonly wanted: string
}

const of = (arg_token: string, ts = `${now}`, dfs_token_name = name) => ({
  dfs_token_name,
  arg_token,
  arg_ts: ts,
})
const TOKENS: readonly Case[] = [
  { what: 'a right one', variables: of(right), wanted: '' },
  { what: 'none', variables: { dfs_token_name: name }, wanted: 'missing' },
  {
    what: 'none in a preflight',
    method: 'OPTIONS',
    variables: { dfs_token_name: name },
    wanted: '',
  },
  { what: 'another', variables: of('0'.repeat(32)), wanted: 'wrong' },
  { what: 'no digits', variables: of('g'.repeat(32)), wanted: 'wrong' },
  {
    what: 'a last character that is none',
    variables: of(`${right.slice(0, -1)}g`),
    wanted: 'wrong',
  },
  { what: 'characters of two bytes', variables: of(`${right.slice(0, -2)}éé`), wanted: 'wrong' },
  { what: 'capitals', variables: of(right.toUpperCase()), wanted: 'wrong' },
  { what: 'a bad time', variables: of(right, 'never'), wanted: 'malformed' },
  { what: 'that of another file', variables: of(right, `${now}`, `${name}x`), wanted: 'wrong' },
  {
    what: 'an old one',
    variables: of(token.createToken(name, '1000', SECRET), '1000'),
    wanted: 'expired',
  },
  { what: 'one for ever', variables: of(token.createToken(name, '0', SECRET), '0'), wanted: '' },
  { what: 'no path', variables: {}, wanted: 'missing' },
]
const settings = { secret: SECRET, ttlSeconds: 900 }

/** The scripts as nginx gets them. */
async function writeScripts(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t)
  for (const { name, content } of createNginxFiles(defaultEdgeConf(), folder)) {
    if (!name.startsWith('njs/')) continue
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return join(folder, 'njs')
}

/** What each call of the function `handler` gives in the njs program. */
async function runNjs(
  folder: string,
  { script: module, handler }: { script: string; handler: string },
  cases: readonly object[],
): Promise<unknown> {
  const script = `import checks from '${module}'
globalThis.dfs_token = ${JSON.stringify(settings)}
var cases = ${JSON.stringify(cases)}
console.log(JSON.stringify(cases.map((it) => checks.${handler}(it))))
`
  await writeFile(join(folder, 'main.js'), script)
  const { stdout } = await promisify(execFile)('njs', ['-p', folder, join(folder, 'main.js')])
  return JSON.parse(stdout)
}

describe('the token check of njs', () => {
  const requests = TOKENS.map(({ method = 'GET', variables }) => ({ method, variables }))
  before(() => Object.assign(globalThis, { dfs_token: settings }))

  for (const [index, { what, wanted }] of TOKENS.entries()) {
    it(`under Node says "${wanted}" to ${what}`, () => {
      const request = requests[index]
      assert.ok(request !== undefined)
      assert.equal(tokenCheck.tokenFault(request), wanted)
    })
  }

  it('says the same in njs', async (t) => {
    const folder = await writeScripts(t)
    assert.deepEqual(
      await runNjs(folder, { script: 'token-check.js', handler: 'tokenFault' }, requests),
      TOKENS.map(({ wanted }) => wanted),
    )
  })
})

test('the size check, under Node and in njs, believes the id of a file', async (t) => {
  const folder = await writeScripts(t)
  const [, name = ''] = /([^/]+)$/.exec(JPG) ?? []
  // 4 GiB and 5 bytes: bit 63 is clear, the size stands as it is.
  const huge = 'fwAAA2sDFtwAAAABAAAABYokZSM648.jpg'
  const files: readonly (readonly [path: string, size: number, wanted: string])[] = [
    [name, 30_720, ''],
    [`short/${name}`, 30_719, '1'],
    [huge, 2 ** 32 + 5, ''],
    [`short/${huge}`, 5, '1'],
  ]
  await mkdir(join(folder, 'short'))
  for (const [path, size] of files) {
    await writeFile(join(folder, path), '')
    await truncate(join(folder, path), size)
  }
  const paths = [...files.map(([path]) => path), `gone/${name}`]
  const wanted = [...files.map(([, , verdict]) => verdict), '1']
  const requests = paths.map((path) => ({
    method: 'GET',
    variables: { dfs_file: join(folder, path) },
  }))
  assert.deepEqual(
    requests.map((request) => storeCheck.isBroken(request)),
    wanted,
  )
  assert.deepEqual(
    await runNjs(folder, { script: 'store-check.js', handler: 'isBroken' }, requests),
    wanted,
  )
})
