import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePorts, run, startUp, upArguments } from '../support/command-line.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const MEDIA = fileURLToPath(new URL('../fixtures/media/', import.meta.url))

function sampleUrls(stdout: string): [name: string, url: string][] {
  return [...stdout.matchAll(/^ {2}(\S+) +(http\S+)$/gm)].map(([, name = '', url = '']) => [
    name,
    url,
  ])
}

test('up serves its samples, stops cleanly, and keeps the data', async (t) => {
  const data = await temporaryFolder(t)
  const ports = await freePorts()
  const first = await startUp(data, ports)
  t.after(() => first.stop())
  const samples = sampleUrls(first.stdout)
  assert.ok(samples.length >= 4, first.stdout)
  for (const [name, url] of samples) {
    const body = Buffer.from(await (await fetch(url)).arrayBuffer())
    assert.ok(body.equals(await readFile(MEDIA + name)), name)
  }
  assert.equal(await first.stop('SIGTERM'), 0)
  await assert.rejects(fetch(first.url))
  const second = await startUp(data, ports)
  t.after(() => second.stop())
  assert.equal(second.stdout, first.stdout)
  assert.equal((await fetch(samples[0]?.[1] ?? '')).status, 200)
  const page = await (await fetch(second.url)).text()
  for (const [name, url] of samples) {
    assert.ok(page.includes(name) && page.includes(new URL(url).pathname), name)
  }
  assert.equal(await second.stop('SIGINT'), 0)
})

for (const flag of ['listen', 'tracker', 'storage'] as const) {
  test(`a taken ${flag} port is told in one line that names it`, async (t) => {
    const data = await temporaryFolder(t)
    const ports = await freePorts()
    const squatter = createServer().listen(ports[flag], '127.0.0.1')
    t.after(() => squatter.close())
    const { code, stderr } = await run(upArguments(data, ports))
    assert.notEqual(code, 0)
    assert.equal(stderr.trim().split('\n').length, 1, stderr)
    assert.match(stderr, new RegExp(`\\b${ports[flag]}\\b.*taken|taken.*\\b${ports[flag]}\\b`))
  })
}
