import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type AdminOptions, createAdminApp } from '../../src/admin/admin-app.ts'
import type { PurgeTarget } from '../../src/admin/purge-target.ts'
import { adminOptions } from '../support/admin-options.ts'
import { status } from '../support/status-fixture.ts'

function setUp(options: Partial<AdminOptions> = {}) {
  const purged: PurgeTarget[] = []
  const logged: object[] = []
  const app = createAdminApp({
    ...adminOptions(() => status({ warnings: ['a warning'] })),
    host: 'edge.internal',
    purge: async (target) => {
      purged.push(target)
      return { removed: { locations: 1, objects: 2, nginx: 3 } }
    },
    log: { error: (fields) => void logged.push(fields) },
    ...options,
  })
  const request = (path: string, method = 'GET', headers: Record<string, string> = {}) =>
    app.request(`http://127.0.0.1:8091${path}`, {
      method,
      headers: { Host: '127.0.0.1:8091', 'Content-Type': 'application/json', ...headers },
      ...(method === 'POST' && { body: '{"url":"/img/a"}' }),
    })
  const purge = (headers: Record<string, string> = {}) => request('/purge', 'POST', headers)
  return { app, purged, logged, request, purge }
}

test('a purge answers how much was removed', async () => {
  const { purge, purged } = setUp()
  const response = await purge()
  assert.equal(response.status, 200)
  assert.deepEqual(await response.json(), { removed: { locations: 1, objects: 2, nginx: 3 } })
  assert.deepEqual(purged, [{ kind: 'url', url: '/img/a' }])
})

test('one that is incomplete, or means nothing, or fails, says so', async () => {
  const removed = { locations: 0, objects: 0, nginx: 0 }
  const incomplete = setUp({ purge: async () => ({ removed, error: 'EACCES' }) })
  const response = await incomplete.purge()
  assert.equal(response.status, 500)
  assert.deepEqual(await response.json(), { removed, error: 'EACCES' })
  assert.equal((await setUp({ purge: async () => undefined }).purge()).status, 400)
  const failing = setUp({ purge: () => Promise.reject(new Error('a worker is silent')) })
  const failed = await failing.purge()
  assert.equal(failed.status, 500)
  assert.deepEqual(await failed.json(), { error: 'a worker is silent' })
  assert.equal(failing.logged.length, 1)
})

test('other paths are 404, other methods 405 with Allow', async () => {
  const { request } = setUp()
  for (const path of ['/index.html', '/purge/', '/group1/M00/00/00/a']) {
    assert.equal((await request(path)).status, 404, path)
  }
  for (const [path, method, allow] of [
    ['/purge', 'GET', 'POST'],
    ['/purge', 'DELETE', 'POST'],
    ['/healthz', 'POST', 'GET, HEAD'],
    ['/readyz', 'PUT', 'GET, HEAD'],
    ['/explain', 'POST', 'GET, HEAD'],
  ] as const) {
    const { status, headers } = await request(path, method)
    assert.deepEqual([status, headers.get('allow')], [405, allow], `${method} ${path}`)
  }
})

test('health and warnings are told', async () => {
  const { request } = setUp()
  assert.equal(await (await request('/healthz')).text(), 'ok\n')
  assert.deepEqual(await (await request('/readyz')).json(), {
    ready: true,
    reasons: [],
    warnings: ['a warning'],
  })
})

test('a body that is no purge is refused, and what a form could send', async () => {
  const { app, purge, purged } = setUp()
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonx', '']) {
    assert.equal((await purge({ 'Content-Type': type })).status, 415, type)
  }
  for (const [body, status] of [
    ['{', 400],
    ['[]', 400],
    ['{"url":1}', 400],
    [`{"url":"${'a'.repeat(70_000)}"}`, 413],
  ] as const) {
    const headers = {
      Host: 'localhost',
      'Content-Type': 'application/json',
      'Content-Length': `${body.length}`,
    }
    const response = await app.request('http://localhost/purge', { method: 'POST', headers, body })
    assert.equal(response.status, status, body.slice(0, 20))
  }
  assert.deepEqual(purged, [])
})

test('where a token is set, all but the health needs it', async () => {
  const { purge, request, purged } = setUp({ token: 'correct-horse-battery' })
  const challenges = 'Bearer, Basic realm="dfs-edge", charset="UTF-8"'
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`
  const wrong = [basic('correct-horse-battery:'), basic('a:wrong'), basic('a'), 'Basic', 'Basic ::']
  for (const Authorization of ['', 'Bearer', 'Bearer wrong', 'Basic correct-horse', ...wrong]) {
    const { status, headers } = await purge({ Authorization })
    assert.deepEqual([status, headers.get('www-authenticate')], [401, challenges], Authorization)
    assert.equal((await request('/readyz', 'GET', { Authorization })).status, 401)
  }
  const browser = await request('/', 'GET', { Accept: 'text/html,*/*' })
  const challenge = browser.headers.get('www-authenticate')
  assert.equal(challenge, 'Basic realm="dfs-edge", charset="UTF-8"')
  assert.equal((await request('/healthz')).status, 200)
  assert.deepEqual(purged, [])
  const Authorization = 'Bearer correct-horse-battery'
  assert.equal((await purge({ Authorization })).status, 200)
  assert.equal((await purge({ Authorization, Host: 'any.example.com' })).status, 200)
  for (const user of ['', 'operator']) {
    const password = basic(`${user}:correct-horse-battery`)
    assert.equal((await purge({ Authorization: password })).status, 200, user)
  }
})

test('a link on another page leads here, and its pictures and scripts do not', async () => {
  const { request } = setUp()
  const status = async (site: string, mode: string) =>
    (await request('/readyz', 'GET', { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': mode })).status
  assert.equal(await status('cross-site', 'navigate'), 200)
  assert.equal(await status('cross-site', 'no-cors'), 403)
  assert.equal(await status('same-site', 'cors'), 403)
  assert.equal(await status('same-origin', 'cors'), 200)
})

test('no page of a browser can purge', async () => {
  const { purge, purged } = setUp()
  for (const headers of [
    { Origin: 'http://shop.example.com' },
    { Origin: 'null' },
    { Origin: 'https://127.0.0.1:8091' },
    { Origin: 'http://127.0.0.1:8090' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    // A name of the page's own that was made to point here.
    { Host: 'rebound.example.com:8091', Origin: 'http://rebound.example.com:8091' },
    { Host: '127.0.0.1.example.com' },
    { Host: '' },
  ]) {
    assert.equal((await purge(headers)).status, 403, JSON.stringify(headers))
  }
  assert.deepEqual(purged, [])
  for (const headers of [
    { Origin: 'http://127.0.0.1:8091', 'Sec-Fetch-Site': 'same-origin' },
    { Host: 'localhost:8091' },
    { Host: '[::1]:8091' },
    { Host: 'Edge.internal:8091' },
  ]) {
    assert.equal((await purge(headers)).status, 200, JSON.stringify(headers))
  }
})

test('with a token a page of another site is refused as well', async () => {
  const { purge } = setUp({ token: 'correct-horse-battery' })
  const Authorization = 'Bearer correct-horse-battery'
  assert.equal((await purge({ Authorization, Origin: 'http://a.example.com' })).status, 403)
})
