import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { LogDestination } from '../../src/app/log-destination.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const MB = 1024 * 1024

test('lines come whole and in order, whichever file is theirs by then', async (t) => {
  const folder = await temporaryFolder(t)
  const [first, second] = [join(folder, 'a.log'), join(folder, 'b.log')]
  const log = await LogDestination.open(first)
  for (let i = 0; i < 1000; i += 1) log.write(`line ${i}\n`)
  await waitFor('the first file', () => readFileSync(first, 'utf8').endsWith('line 999\n'))
  log.write('before\n')
  log.prepare(second).take()
  log.write('after\n')
  log.flushSync()
  assert.equal(readFileSync(second, 'utf8'), 'before\nafter\n')
  const lines = readFileSync(first, 'utf8').split('\n')
  assert.deepEqual(lines, [...Array.from({ length: 1000 }, (_, i) => `line ${i}`), ''])
  log.write('later\n')
  await waitFor('more', () => readFileSync(second, 'utf8').endsWith('later\n'))
})

test('what waits is bounded, and what is lost is told', async (t) => {
  const path = join(await temporaryFolder(t), 'edge.log')
  const log = await LogDestination.open(path)
  const line = `${'x'.repeat(MB - 1)}\n`
  for (let i = 0; i < 10; i += 1) log.write(line)
  await waitFor('the lines', () => readFileSync(path, 'utf8').includes('log lines were lost'))
  const written = readFileSync(path, 'utf8').split('\n')
  assert.equal(written.filter((one) => one.startsWith('x')).length, 4)
  assert.equal(JSON.parse(written[4] ?? '')['lines'], 6)
})
