import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { freePorts, startUp } from '../support/command-line.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ROOT = join(import.meta.dirname, '../..')
const MODULES = join(ROOT, 'node_modules')
/** What is packed, and what is needed to make it; the checkout itself is left as it is. */
const SOURCES = ['src', 'conf', 'nginx', 'test/fixtures/media', '*.md', '*.json', 'LICENSE']

const runFile = promisify(execFile)

async function pack(folder: string): Promise<string> {
  for (const name of globSync(SOURCES, { cwd: ROOT })) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  }
  await symlink(MODULES, join(folder, 'node_modules'))
  await runFile('npm', ['pack', '--offline', '--pack-destination', folder], { cwd: folder })
  const [tarball] = globSync('dfs-edge-*.tgz', { cwd: folder })
  assert.ok(tarball !== undefined, 'npm pack has made no package')
  return join(folder, tarball)
}

/** As `npm install` puts it there: the package beside what it says that it depends on, and nothing else. */
async function install(tarball: string, folder: string): Promise<string> {
  const modules = join(folder, 'node_modules')
  const own = join(modules, 'dfs-edge')
  await mkdir(own, { recursive: true })
  await runFile('tar', ['xzf', tarball, '-C', own, '--strip-components=1'])
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(own, 'package.json'), 'utf8'),
  )
  for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
    if (!existsSync(join(MODULES, name))) continue
    await mkdir(dirname(join(modules, name)), { recursive: true })
    await symlink(join(MODULES, name), join(modules, name))
  }
  return own
}

async function packed(t: TestContext): Promise<{ own: string; launcher: string; empty: string }> {
  const folder = await temporaryFolder(t)
  const checkout = join(folder, 'checkout')
  const empty = join(folder, 'empty')
  for (const made of [checkout, empty]) await mkdir(made)
  const own = await install(await pack(checkout), join(folder, 'installed'))
  const { bin, version } = JSON.parse(readFileSync(join(own, 'package.json'), 'utf8'))
  const launcher = join(own, bin['dfs-edge'])
  const { stdout } = await runFile(process.execPath, [launcher, '--version'], { cwd: empty })
  assert.equal(stdout, `${version}\n`)
  return { own, launcher, empty }
}

test('the package runs from an empty folder, without the sources and without a network', async (t) => {
  const { own, launcher, empty } = await packed(t)
  const up = await startUp('var', await freePorts(), { launcher, cwd: empty })
  t.after(() => up.stop())
  const [, url = ''] = /^ {2}\S+ +(http\S+\.jpg)$/m.exec(up.stdout) ?? []
  const response = await fetch(url)
  assert.equal(response.headers.get('content-type'), 'image/jpeg')
  assert.ok((await response.arrayBuffer()).byteLength > 10_000)
  assert.equal(await up.stop(), 0)
  assert.deepEqual(readdirSync(empty), ['var'])

  const conf = join(own, 'conf/edge.conf')
  await runFile(process.execPath, [launcher, 'nginx', '--conf', conf, '--out', 'nginx'], {
    cwd: empty,
  })
  const source = (folder: string) => readdirSync(join(ROOT, folder))
  const includes = source('nginx').filter((name) => name.endsWith('.conf'))
  for (const name of includes) assert.ok(existsSync(join(empty, 'nginx', name)), name)
  assert.deepEqual(readdirSync(join(own, 'conf')).toSorted(), source('conf').toSorted())
  const compiled = globSync('dist/**/*.js', { cwd: own }).map((path) => basename(path))
  assert.ok(compiled.includes('edge-worker.js'))
  for (const name of ['README.md', 'CHANGELOG.md', 'LICENSE']) {
    assert.ok(existsSync(join(own, name)), name)
  }
})
