import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { DIRECTIVES } from '../../src/config/index.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CONF = join(import.meta.dirname, '../../conf')
const UNITS = ['dfs-edge.service', 'dfs-edge.socket']
/** systemd's own measure, of 100: what is below is "OK". */
const EXPOSURE_MAX = 20

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0
const hasLogrotate = spawnSync('logrotate', ['--version']).status === 0

/** Where dfs-edge need not be installed. */
async function copyUnits(folder: string): Promise<string[]> {
  const paths = UNITS.map((name) => join(folder, name))
  for (const [index, path] of paths.entries()) {
    const text = readFileSync(join(CONF, UNITS[index] ?? ''), 'utf8')
    await writeFile(path, text.replace(/^(Exec\w+=)(?:dfs-edge|kill) /gm, '$1/bin/true '))
  }
  return paths
}

test('systemd takes the units and finds little exposed', { skip: !hasSystemd }, async (t) => {
  const paths = await copyUnits(await temporaryFolder(t))
  const verified = spawnSync('systemd-analyze', ['verify', ...paths], { encoding: 'utf8' })
  assert.deepEqual([verified.status, verified.stderr], [0, ''])
  const threshold = `--threshold=${EXPOSURE_MAX}`
  const measure = ['security', '--offline=true', '--no-pager', threshold, paths[0] ?? '']
  const measured = spawnSync('systemd-analyze', measure, { encoding: 'utf8' })
  assert.equal(measured.status, 0, measured.stdout.slice(-200) + measured.stderr)
})

test('the sockets are those of the settings by default', () => {
  const text = readFileSync(join(CONF, 'dfs-edge.socket'), 'utf8')
  const streams = [...text.matchAll(/^ListenStream=(.*)$/gm)].map(([, address]) => address)
  assert.deepEqual(streams, [...DIRECTIVES.listen.defaults, ...DIRECTIVES.admin_listen.defaults])
})

test('logrotate takes its file', { skip: !hasLogrotate }, async (t) => {
  const path = join(await temporaryFolder(t), 'dfs-edge')
  const text = readFileSync(join(CONF, 'dfs-edge.logrotate'))
  await writeFile(path, text, { mode: 0o644 })
  const { status, stderr } = spawnSync('logrotate', ['--debug', path], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
  assert.doesNotMatch(stderr, /error/)
})
