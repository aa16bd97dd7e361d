import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { freePorts, run, startUp, UP_FLAGS, type Up, upArguments } from '../support/command-line.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const MEDIA = fileURLToPath(new URL('../fixtures/media/', import.meta.url))

function sampleUrls(stdout: string): [name: string, url: string][] {
  return [...stdout.matchAll(/^ {2}(\S+) +(http\S+)$/gm)].map(([, name = '', url = '']) => [
    name,
    url,
  ])
}

/** A key of MogileFS need not look like a file. */
function mediaOf(name: string): Promise<Buffer> {
  return readFile(MEDIA + (name === 'test' ? 'hills.jpg' : basename(name)))
}

async function assertServed({ stdout, url: base }: Up): Promise<void> {
  const samples = sampleUrls(stdout)
  assert.equal(samples.length, 10, stdout)
  for (const [name, url] of samples) {
    assert.ok(url.startsWith(base), url)
    const body = Buffer.from(await (await fetch(url)).arrayBuffer())
    assert.ok(body.equals(await mediaOf(name)), name)
  }
}

/** By path, whether nginx asked the edge at the first request. */
async function askedOfEdge(data: string): Promise<Map<string, boolean>> {
  const log = await readFile(join(data, 'nginx/logs/access.log'), 'utf8')
  const lines = log.trim().split('\n')
  const entries: { path: string; upstream: string }[] = lines.map((line) => JSON.parse(line))
  return new Map(entries.reverse().map(({ path, upstream }) => [path, upstream !== '']))
}

test('up serves its samples, stops cleanly, and keeps the data', async (t) => {
  const data = await temporaryFolder(t)
  const ports = await freePorts()
  const first = await startUp(data, ports)
  t.after(() => first.stop())
  await assertServed(first)
  assert.match(first.stdout, /\nstatus http:\S+\nready http:\S+\n$/)
  assert.equal(await first.stop('SIGTERM'), 0)
  await assert.rejects(fetch(first.url))
  const second = await startUp(data, ports)
  t.after(() => second.stop())
  assert.equal(second.stdout, first.stdout)
  await assertServed(second)
  const page = await (await fetch(second.url)).text()
  for (const [name, url] of sampleUrls(first.stdout)) {
    assert.ok(page.includes(name) && page.includes(new URL(url).pathname), name)
  }
  assert.equal(await second.stop('SIGINT'), 0)
})

test('nginx gives the files of FastDFS from disk, and keeps those of MogileFS', async (t) => {
  const data = await temporaryFolder(t)
  const ports = await freePorts()
  const up = await startUp(data, ports)
  t.after(() => up.stop())
  assert.equal(up.url, `http://127.0.0.1:${ports.nginx}/`)
  const [, statusUrl = ''] = /^status (\S+)$/m.exec(up.stdout) ?? []
  assert.match(await (await fetch(statusUrl)).text(), /All is well\./)
  for (const base of [up.url, up.edgeUrl]) {
    const page = await (await fetch(base)).text()
    assert.match(page, /<h1>dfs-edge is serving<\/h1>/)
  }
  const paths = sampleUrls(up.stdout).map(([, url]) => new URL(url).pathname)
  for (const path of paths) await (await fetch(up.edgeUrl + path.slice(1))).arrayBuffer()
  for (const path of paths) await (await fetch(up.url + path.slice(1))).arrayBuffer()
  for (const path of paths) {
    const response = await fetch(up.url + path.slice(1), { method: 'HEAD' })
    const status = path.startsWith('/group1/') ? null : 'HIT'
    assert.equal(response.headers.get('x-cache-status'), status, path)
  }
  await up.stop()
  const asked = await askedOfEdge(data)
  for (const path of paths.map(decodeURI)) {
    assert.equal(asked.get(path), !path.startsWith('/group1/'), path)
  }
})

test('up goes on without nginx where there is none, and says so', async (t) => {
  const data = await temporaryFolder(t)
  const up = await startUp(data, await freePorts(), { env: { PATH: data } })
  t.after(() => up.stop())
  assert.equal(up.url, up.edgeUrl)
  await assertServed(up)
  assert.match(up.stderr(), /^dfs-edge: there is no nginx .* apt-get install nginx \S+\n$/)
})

test('up leaves nginx out where told to', async (t) => {
  const ports = await freePorts()
  const up = await startUp(await temporaryFolder(t), ports, { flags: ['--no-nginx'] })
  t.after(() => up.stop())
  assert.equal(up.url, up.edgeUrl)
  assert.equal(up.stderr(), '')
  await assert.rejects(fetch(`http://127.0.0.1:${ports.nginx}/`))
})

test('nginx ends when up is killed, and another start puts it there again', async (t) => {
  const data = await temporaryFolder(t)
  const ports = await freePorts()
  const first = await startUp(data, ports)
  const pidFile = join(data, 'nginx/nginx.pid')
  assert.ok(existsSync(pidFile))
  await first.stop('SIGKILL')
  await waitFor('nginx ends', () => !existsSync(pidFile))
  const second = await startUp(data, ports)
  t.after(() => second.stop())
  await assertServed(second)
})

test('up ends with a message when nginx does', async (t) => {
  const data = await temporaryFolder(t)
  const up = await startUp(data, await freePorts())
  t.after(() => up.stop())
  process.kill(Number(await readFile(join(data, 'nginx/nginx.pid'), 'utf8')), 'SIGTERM')
  assert.equal(await up.ended, 1)
  assert.match(up.stderr(), /^dfs-edge: nginx has ended: .*error\.log\n$/)
})

test('a MogileFS sample without an extension comes as an image', async (t) => {
  const up = await startUp(await temporaryFolder(t), await freePorts())
  t.after(() => up.stop())
  const response = await fetch(`${up.url}img/test`)
  assert.equal(response.headers.get('content-type'), 'image/jpeg')
})

test('what up serves can be purged', async (t) => {
  const up = await startUp(await temporaryFolder(t), await freePorts())
  t.after(() => up.stop())
  const url = `${up.edgeUrl}img/test`
  await (await fetch(url)).arrayBuffer()
  const purge = async () => {
    const { code, stdout, stderr } = await run([
      'purge',
      '/img/test',
      '--admin',
      up.admin,
      '--json',
    ])
    assert.deepEqual([code, stderr], [0, ''])
    return JSON.parse(stdout).removed
  }
  assert.equal((await purge()).objects, 1)
  assert.equal((await purge()).objects, 0)
})

for (const lost of ['mogilefs', 'fastdfs']) {
  test(`a data folder without ${lost} gets a new store with samples, and keeps the other`, async (t) => {
    const data = await temporaryFolder(t)
    const ports = await freePorts()
    const first = await startUp(data, ports)
    t.after(() => first.stop())
    await first.stop()
    await rm(join(data, lost), { recursive: true })
    const second = await startUp(data, ports)
    t.after(() => second.stop())
    await assertServed(second)
    const isKept = (url: string): boolean => second.stdout.includes(url)
    const kept = sampleUrls(first.stdout).filter(([, url]) => isKept(url))
    // MogileFS gives a sample the URL that it had, FastDFS gives it a new one.
    assert.equal(kept.length, lost === 'fastdfs' ? 5 : 10)
  })
}

for (const flag of UP_FLAGS) {
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
