import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../support/temporary-folder.ts'

const SETUP = fileURLToPath(new URL('../../src/app/setup.js', import.meta.url))

/** As where there is no apt-get. */
function setup(path: string, args: readonly string[]) {
  const env = { ...process.env, PATH: path }
  return spawnSync(process.execPath, [SETUP, ...args], { env, encoding: 'utf8' })
}

test('setup fails for a package that it cannot install, and says what to do', async (t) => {
  const { status, stderr } = setup(await temporaryFolder(t), ['no-such-package'])
  assert.equal(status, 1)
  assert.match(stderr, /apt-get install no-such-package\n/)
})

test('setup goes on without an optional package, and says what to do', async (t) => {
  const { status, stderr } = setup(await temporaryFolder(t), ['--optional', 'no-such-package'])
  assert.equal(status, 0)
  assert.match(stderr, /apt-get install no-such-package; going on without\n/)
})
