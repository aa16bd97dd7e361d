import assert from 'node:assert/strict'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { run } from '../support/command-line.ts'
import { type Stack, startStack } from '../support/edge-stack.ts'
import { freePort } from '../support/free-port.ts'
import { randomContent } from '../support/random-content.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { fetchOn, SteadyLoad } from '../support/steady-load.ts'
import { waitFor } from '../support/wait-for.ts'

const CONTENT = randomContent(30_000)

interface Served {
  readonly stack: Stack
  readonly serve: ServeProcess
  readonly settings: string
}

async function startServe(t: TestContext, more = ''): Promise<Served> {
  const stack = await startStack(t)
  const { host, port } = stack.store.tracker.address
  const settings = `tracker_server = ${host}:${port}\nnginx_cache_path = /does/not/exist\n${more}`
  return { stack, serve: await ServeProcess.start(t, settings), settings }
}

async function upload({ stack, serve }: Served, content = CONTENT): Promise<string> {
  const { groupName, filename } = await stack.upload(content, { extName: 'jpg' })
  return `${serve.url}${groupName}/${filename}`
}

for (const workers of [1, 2]) {
  test(`with ${workers} processes SIGHUP replaces all, and no request under load is lost`, async (t) => {
    const served = await startServe(t, `workers = ${workers}`)
    const { serve } = served
    const load = new SteadyLoad(await upload(served), CONTENT)
    t.after(() => load.stop())
    const old = serve.workers
    assert.equal(old.length, workers)
    await waitFor('load', () => load.answers > 100)
    for (let i = 0; i < 2; i += 1) {
      await serve.reload()
      const { answers } = load
      await waitFor('more load', () => load.answers > answers + 100)
    }
    await waitFor('new processes alone', () => serve.workers.length === workers)
    assert.deepEqual(await load.stop(), [])
    assert.ok(serve.workers.every((pid) => !old.includes(pid)))
    assert.equal(await serve.stop(), 0)
  })
}

test('each process accepts several connections at a time from the one socket', async (t) => {
  const served = await startServe(t, 'workers = 2')
  const { workers } = served.serve
  assert.equal(workers.length, 2)
  const inode = inodeOfListener(served.serve.port)
  for (const pid of workers) assert.equal(countDescriptors(pid, `socket:[${inode}]`), 16)
  const url = await upload(served)
  const clients = Array.from({ length: 100 }, async () => {
    const answer = await fetch(url, { headers: { connection: 'close' } })
    return Buffer.from(await answer.arrayBuffer()).equals(CONTENT)
  })
  assert.ok((await Promise.all(clients)).every((isRight) => isRight))
  assert.equal(await served.serve.stop(), 0)
})

/** Of `127.0.0.1:port` in /proc/net/tcp: local address in hex, state 0A, inode the tenth field. */
function inodeOfListener(port: number): string | undefined {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const sockets = readFileSync('/proc/net/tcp', 'utf8').split('\n')
  const fields = sockets.map((line) => line.trim().split(/\s+/))
  return fields.find(([, address, , state]) => address === local && state === '0A')?.[9]
}

function countDescriptors(pid: number, target: string): number {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).filter((fd) => readlinkSync(join(folder, fd)) === target).length
}

test('a new configuration counts after SIGHUP, a faulty one is refused', async (t) => {
  const served = await startServe(t)
  const { serve, settings } = served
  const url = await upload(served)
  const cacheControl = async () => (await fetch(url)).headers.get('cache-control')
  await serve.configure(`${settings}\ncache_control = max-age=7\nworkers = 2`)
  await serve.reload()
  assert.equal(await cacheControl(), 'max-age=7')
  await waitFor('two processes', () => serve.workers.length === 2)
  const pids = serve.workers
  await serve.configure(`${settings}\ncache_control = max-age=8\nhedge_ms = soon`)
  await serve.reload('the new configuration is refused, the old one stays')
  assert.match(serve.log, /hedge_ms/)
  assert.equal(await cacheControl(), 'max-age=7')
  assert.deepEqual(serve.workers, pids)
})

test('an address that is taken is refused as well, and the old processes stay', async (t) => {
  const served = await startServe(t)
  const other = await ServeProcess.start(t, served.settings)
  const { serve, settings } = served
  const url = await upload(served)
  const pids = serve.workers
  for (const taken of [
    { port: other.port, adminPort: serve.adminPort },
    { port: serve.port, adminPort: other.adminPort },
  ]) {
    await serve.configure(settings, taken)
    await serve.reload('the new configuration is refused, the old one stays')
    assert.match(serve.log, /is taken by another program/)
    assert.equal((await fetch(url)).status, 200)
    assert.equal((await fetch(`${serve.admin}/healthz`)).status, 200)
  }
  await waitFor('the old processes alone', () => serve.workers.length === pids.length)
  assert.deepEqual(serve.workers, pids)
  // Addresses of its own again, and a new one for operators.
  const third = await ServeProcess.start(t, settings)
  assert.equal(await third.stop(), 0)
  await serve.configure(settings, { port: serve.port, adminPort: third.adminPort })
  await serve.reload()
  assert.equal((await fetch(`${third.admin}/healthz`)).status, 200)
  await assert.rejects(fetch(`${serve.admin}/healthz`))
})

test('a reload whose last process does not come up leaves all as it was, under load', async (t) => {
  const served = await startServe(t, 'workers = 2')
  const { serve, settings } = served
  const load = new SteadyLoad(await upload(served), CONTENT)
  t.after(() => load.stop())
  await waitFor('load', () => load.answers > 100)
  const old = serve.workers
  const adminPort = await freePort()
  await serve.configure(`${settings}\ncache_control = max-age=7`, { port: serve.port, adminPort })
  const refused = serve.reload('the new configuration is refused, the old one stays')
  const fresh = () => serve.workers.filter((pid) => !old.includes(pid))
  await waitFor('the second new process', () => fresh().length === 2)
  process.kill(Math.max(...fresh()), 'SIGKILL')
  await refused
  assert.match(serve.log, /edge process [0-9]+ ended before it listened/)
  await waitFor('the old processes alone', () => fresh().length === 0)
  assert.deepEqual(serve.workers, old)
  const { answers } = load
  await waitFor('more load', () => load.answers > answers + 100)
  assert.deepEqual(await load.stop(), [])
  const url = await upload(served)
  assert.notEqual((await fetch(url)).headers.get('cache-control'), 'max-age=7')
  assert.equal((await fetch(`${serve.admin}/healthz`)).status, 200)
  await assert.rejects(fetch(`http://127.0.0.1:${adminPort}/healthz`))
  await serve.configure(settings)
  await serve.reload()
  assert.equal(await serve.stop(), 0)
})

test('a secret in a file is read anew at a reload, and is never logged', async (t) => {
  const { serve, settings } = await startServe(t, 'log_level = debug')
  const secrets = ['abcdefghijklmnopqrst', 'uvwxyzuvwxyzuvwxyzuv']
  const statusWith = async (token = '') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const init = { method: 'POST', body: '{"prefix":"/group1/*"}', headers }
    return (await fetch(`${serve.admin}/purge`, init)).status
  }
  await serve.configure(`${settings}\nadmin_token = file:token`)
  for (const [index, secret] of secrets.entries()) {
    await writeFile(join(serve.folder, 'token'), `${secret}\n`, { mode: 0o600 })
    await serve.reload()
    assert.equal(await statusWith(secret), 200)
    assert.equal(await statusWith(secrets[1 - index]), 401)
  }
  await writeFile(join(serve.folder, 'token'), 'tiny-secret')
  await serve.reload('the new configuration is refused, the old one stays')
  assert.equal(await statusWith(secrets[1]), 200)
  for (const secret of [...secrets, 'tiny-secret'])
    assert.ok(!serve.log.includes(secret), serve.log)
})

test('a process that dies is started again', async (t) => {
  const served = await startServe(t, 'workers = 2')
  const { serve } = served
  const url = await upload(served)
  const [victim = 0, other] = serve.workers
  process.kill(victim, 'SIGKILL')
  await waitFor('another process', () => {
    const { workers } = serve
    return workers.length === 2 && !workers.includes(victim)
  })
  assert.ok(other !== undefined && serve.workers.includes(other))
  assert.ok(serve.says('an edge process died, another one is started'))
  for (let i = 0; i < 10; i += 1) assert.equal((await fetch(url)).status, 200)
  assert.equal(await serve.stop(), 0)
})

test('SIGTERM lets answers under way end; a signal to a process alone does nothing', async (t) => {
  const served = await startServe(t, 'workers = 2')
  const { serve, stack } = served
  const url = await upload(served, randomContent(3_000_000))
  for (const pid of serve.workers) process.kill(pid, 'SIGTERM')
  const [storage] = stack.store.storages
  assert.ok(storage)
  storage.faults = { bytesPerSecond: 3_000_000 }
  const response = await fetch(url)
  const stopped = serve.stop()
  assert.equal((await response.arrayBuffer()).byteLength, 3_000_000)
  assert.equal(await stopped, 0)
})

test('a purge reaches the caches of all processes', async (t) => {
  const served = await startServe(t, 'workers = 2')
  const { serve, stack } = served
  const ref = await stack.upload(CONTENT, { extName: 'jpg' })
  const url = `${serve.url}${ref.groupName}/${ref.filename}`
  // Connections are dealt out in turn.
  const ask = async () => {
    const agent = new Agent()
    const statuses = []
    for (let i = 0; i < 6; i += 1) statuses.push((await fetchOn(agent, url)).status)
    return new Set(statuses)
  }
  assert.deepEqual(await ask(), new Set([200]))
  await rm(stack.store.pathOf(ref))
  assert.deepEqual(await ask(), new Set([200]))
  const purge = (target: string, ...more: string[]) =>
    run(['purge', target, '--conf', serve.confPath, '--json', ...more])
  const { stdout, stderr } = await purge(url)
  assert.equal(stderr, '')
  assert.deepEqual(JSON.parse(stdout).removed, { locations: 2, objects: 2, nginx: 0 })
  assert.deepEqual(await ask(), new Set([404]))
  const prefix = await purge('/group1/*')
  assert.equal(JSON.parse(prefix.stdout).removed.objects, 0)
  assert.ok(JSON.parse(prefix.stdout).removed.locations >= 1)
})

test('nothing of the admin listener is reached through the public one', async (t) => {
  const { serve } = await startServe(t)
  const paths = [
    '',
    'purge',
    'healthz',
    'readyz',
    'status',
    'metrics',
    'events',
    'explain?url=/img/a',
  ]
  for (const path of paths) {
    const host = new URL(serve.admin).host
    for (const headers of [{}, { 'X-Forwarded-Host': host, 'X-Real-IP': '127.0.0.1' }]) {
      const { status } = await fetch(`${serve.url}${path}`, { headers })
      assert.deepEqual([path, status], [path, 404])
    }
    const init = { method: 'POST', body: '{"url":"/img/a"}' }
    assert.equal((await fetch(`${serve.url}${path}`, init)).status, 405)
  }
})

test('purge says what is wrong', async (t) => {
  const { serve } = await startServe(t, 'admin_token = abcdefghijklmnopqrst')
  const failed = async (args: string[], code: number, message: RegExp) => {
    const ran = await run(['purge', ...args])
    assert.equal(ran.code, code, ran.stderr)
    assert.match(ran.stderr, message)
  }
  const conf = ['--conf', serve.confPath]
  await failed(['nonsense', ...conf], 2, /that is no URL of a file/)
  await failed(['/img/a', '--admin', serve.admin], 1, /admin_token is missing or wrong/)
  await failed(['/img/a', '--admin', 'http://127.0.0.1:1'], 1, /no edge answers at/)
  await failed(['/img/a', '--admin', 'nonsense'], 2, /is no URL/)
})
