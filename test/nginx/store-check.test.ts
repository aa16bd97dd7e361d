import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import storeCheck from '../../nginx/njs/store-check.ts'
import { createNginxFiles } from '../../src/app/nginx-files.ts'
import { defaultEdgeConf } from '../../src/config/index.ts'
import { JPG } from '../support/edge-fixture.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

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

/** What the njs program says to each of `requests`. */
async function runNjs(folder: string, requests: readonly object[]): Promise<unknown> {
  const script = `import check from 'store-check.js'
var requests = ${JSON.stringify(requests)}
console.log(JSON.stringify(requests.map((it) => check.isBroken(it))))
`
  await writeFile(join(folder, 'main.js'), script)
  const { stdout } = await promisify(execFile)('njs', ['-p', folder, join(folder, 'main.js')])
  return JSON.parse(stdout)
}

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
  const requests = paths.map((path) => ({ variables: { dfs_file: join(folder, path) } }))
  assert.deepEqual(
    requests.map((request) => storeCheck.isBroken(request)),
    wanted,
  )
  assert.deepEqual(await runNjs(folder, requests), wanted)
})
