import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { startStack } from '../support/edge-stack.ts'
import { freePort } from '../support/free-port.ts'
import { randomContent } from '../support/random-content.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { waitFor } from '../support/wait-for.ts'

async function startServe(t: TestContext, more: string) {
  const stack = await startStack(t)
  const { host, port } = stack.store.tracker.address
  const settings = `tracker_server = ${host}:${port}\nnginx_cache_path = /does/not/exist\n${more}`
  const serve = await ServeProcess.start(t, settings)
  const { groupName, filename } = await stack.upload(randomContent(1000), { extName: 'jpg' })
  return { stack, serve, path: `${groupName}/${filename}` }
}

function requestsOf(serve: ServeProcess): Record<string, unknown>[] {
  const lines = serve.log.split('\n').filter((line) => line.includes('"msg":"request"'))
  return lines.map((line) => JSON.parse(line))
}

test('each request has a line, with the id and the client that the proxy names', async (t) => {
  const { stack, serve, path } = await startServe(t, 'trusted_proxy = 127.0.0.1')
  const headers = { 'X-Request-Id': '0123456789abcdef', 'X-Real-IP': '203.0.113.9' }
  for (let i = 0; i < 2; i += 1) {
    await (await fetch(`${serve.url}${path}?token=geheim`, { headers })).arrayBuffer()
  }
  assert.equal((await fetch(`${serve.url}nothing`)).status, 404)
  await waitFor('three lines', () => requestsOf(serve).length === 3)
  const [storage] = stack.store.storages
  const [miss, hit, none] = requestsOf(serve)
  const { ms, firstByteMs, resolveMs, time, worker, ...rest } = miss ?? {}
  for (const number of [ms, firstByteMs, resolveMs]) assert.equal(typeof number, 'number')
  assert.ok(typeof time === 'string' && serve.workers.includes(Number(worker)))
  const asked = { client: '203.0.113.9', method: 'GET', ref: `/${path}`, system: 'fastdfs' }
  assert.deepEqual(rest, {
    level: 30,
    requestId: '0123456789abcdef',
    ...asked,
    status: 200,
    bytes: 1000,
    cache: 'miss',
    replica: `${storage?.address.host}:${storage?.address.port}`,
    msg: 'request',
  })
  assert.deepEqual(
    [hit?.['cache'], hit?.['replica'], hit?.['resolveMs']],
    ['memory', undefined, undefined],
  )
  assert.deepEqual([none?.['path'], none?.['status']], ['/nothing', 404])
})

test('no secret is ever in a log', async (t) => {
  const secrets = ['s3cr3t-of-tokens', 's3cr3t-of-admin-0123456789', 's3cr3t-of-db', 'T0KEN-0F-URL']
  const settings = [
    'log_level = debug',
    'http.anti_steal.check_token = true',
    `http.anti_steal.secret_key = ${secrets[0]}`,
    `admin_token = ${secrets[1]}`,
    `trackers = 127.0.0.1:${await freePort()}`,
    `db_dsn = DBI:mysql:mogilefs:host=127.0.0.1;port=${await freePort()}`,
    'db_user = reader',
    `db_pass = ${secrets[2]}`,
  ]
  const { serve, path } = await startServe(t, settings.join('\n'))
  for (const target of [path, 'img/key', 'M00/nothing', 'x?token=%ff']) {
    await fetch(`${serve.url}${target}?token=${secrets[3]}&ts=1`)
  }
  for (const token of ['wrong', secrets[1]]) {
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const body = JSON.stringify({ url: `/img/a?token=${secrets[3]}` })
    await fetch(`${serve.admin}/purge`, { method: 'POST', headers, body })
    await fetch(`${serve.admin}/metrics`, { headers: { Authorization: `Bearer ${token}` } })
  }
  await waitFor('four lines', () => requestsOf(serve).length === 4)
  await serve.reload()
  assert.equal(await serve.stop(), 0)
  for (const secret of secrets) assert.ok(!serve.log.includes(secret), secret)
})

test('at a terminal the lines are for people', async (t) => {
  const stack = await startStack(t)
  const { host, port } = stack.store.tracker.address
  const serve = await ServeProcess.start(t, `tracker_server = ${host}:${port}`)
  assert.match(serve.log, /^\{"level":30,.*"msg":"serving"\}$/m)
  const command = `"${process.execPath}" src/app/launcher.js serve --conf "${serve.confPath}"`
  await serve.stop()
  const terminal = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let seen = ''
  terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen += text
  })
  const ended = once(terminal, 'close')
  await waitFor(
    'serving',
    () => /INFO.*serving/.test(seen),
    () => seen,
  )
  assert.doesNotMatch(seen, /"level"/)
  terminal.stdin.write('\x03')
  await ended
})
