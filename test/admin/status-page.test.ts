import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAdminApp } from '../../src/admin/admin-app.ts'
import type { Status } from '../../src/admin/status.ts'
import { PageChanges } from '../../src/admin/status-page.ts'
import { adminOptions } from '../support/admin-options.ts'
import {
  device,
  failure,
  mogilefsHost,
  NOW,
  processReport,
  status,
  storage,
  troubledStatus,
} from '../support/status-fixture.ts'

function setUp(make: () => Status) {
  const options = adminOptions(make)
  const { streams } = options
  const app = createAdminApp({
    ...options,
    log: { error: (_, message) => assert.fail(message) },
  })
  const get = (path: string, method = 'GET') =>
    app.request(`http://localhost${path}`, { method, headers: { Host: 'localhost' } })
  return { get, streams }
}

test('the page tells everything that /status tells', async () => {
  const { get } = setUp(troubledStatus)
  const page = await (await get('/')).text()
  for (const part of [
    'Files are served, and 6 things need a look.',
    'Storage 10.0.2.13:23000 of group2 does not answer',
    '25 min',
    'wrong_content, group1/M00/00/0A/rBAABF8xyzCAR2qDAAB4AIokZSM648.jpg',
    '4712',
    'mog2',
  ]) {
    assert.ok(page.includes(part), part)
  }
  const answer: unknown = await (await get('/status')).json()
  assert.deepEqual(answer, troubledStatus())
})

test('memory for checks is no place where files are found', async () => {
  const { get } = setUp(troubledStatus)
  const page = await (await get('/')).text()
  const [, row = ''] = /memory for checks(.*?)<\/tr>/s.exec(page) ?? []
  assert.match(row, /–/)
  assert.doesNotMatch(row, /%<\//)
})

test('one without anything is a page as well', async () => {
  const clusters = { at: NOW, fastdfs: null, mogilefs: null, databases: [] }
  const { get } = setUp(() => status({ processes: [], clusters }))
  const page = await (await get('/')).text()
  assert.match(page, /No edge process answers: nothing is served\./)
  assert.doesNotMatch(page, /NaN|undefined|Infinity|\[object|FastDFS trackers/)
})

test('readiness is 503 with reasons, or 200', async () => {
  const fastdfs = { trackers: [{ tracker: 't:1', error: 'refused' }], groups: [] }
  const clusters = { at: NOW, fastdfs, mogilefs: null, databases: [] }
  const { get } = setUp(() => status({ processes: [processReport({ caches: [] })], clusters }))
  const response = await get('/readyz')
  assert.equal(response.status, 503)
  assert.deepEqual(await response.json(), {
    ready: false,
    reasons: ['tracker t:1 does not answer: refused'],
    warnings: [],
  })
})

const EVIL = `</script><img src=x onerror="alert('1')">`

test('nothing that a daemon or a client says becomes markup', async () => {
  const lost = { error: EVIL }
  const clusters = {
    at: NOW,
    fastdfs: {
      trackers: [{ tracker: EVIL, ...lost }],
      groups: [
        {
          groupName: EVIL,
          totalMb: 1,
          freeMb: 0,
          reservedMb: 0,
          storages: [storage({ host: EVIL, version: EVIL, ...lost }), storage({ states: [EVIL] })],
        },
      ],
    },
    mogilefs: {
      trackers: [{ tracker: EVIL, databaseError: null, ...lost }],
      hosts: [
        mogilefsHost({ hostname: EVIL, hostip: EVIL, ...lost }),
        mogilefsHost({ status: EVIL }),
      ],
      devices: [device({ hostname: EVIL, status: EVIL, observedStates: [EVIL] }), device(lost)],
    },
    databases: [
      { host: EVIL, role: 'primary', error: EVIL, lag: null },
      { host: EVIL, role: 'replica', error: null, lag: { kind: 'stopped', reason: EVIL } },
      { host: EVIL, role: 'replica', error: null, lag: { kind: 'unknown', reason: EVIL } },
    ],
  } as const
  const hosts = [{ host: EVIL, isFailing: true, failures: 1, silences: 1, wrongContents: 1 }]
  const pools = [{ host: EVIL, open: 1, idle: 1, waiting: 1, max: 1 }]
  const failures = [failure({ host: EVIL, ref: EVIL, code: EVIL, reason: EVIL })]
  const processes = [processReport({ hosts, pools, failures })]
  const make = (): Status => status({ version: EVIL, clusters, processes, warnings: [EVIL] })
  const page = await (await setUp(make).get('/')).text()
  assert.ok(!page.includes('<img'))
  assert.equal(page.split('</script>').length, 2)
  assert.ok(page.split('&lt;img').length > 30)
  const { parts } = await new PageChanges().of(make())
  assert.ok(!Object.values(parts).join('').includes('<img'))
})

async function eventsOf(response: Response, count: number): Promise<readonly string[]> {
  const events: string[] = []
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  while (events.length < count) {
    const { done, value = '' } = (await reader?.read()) ?? { done: true }
    if (done) break
    events.push(value)
  }
  await reader?.cancel()
  return events
}

test('events bring every part first, and then what is new', async () => {
  let current = status()
  const { get, streams } = setUp(() => current)
  const response = await get('/events')
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  const reading = eventsOf(response, 2)
  current = status({ warnings: ['something new'] })
  const [first = '', second = ''] = await reading
  const parse = (event: string): { parts: Record<string, string> } =>
    JSON.parse(event.replace(/^data: /, ''))
  assert.equal(Object.keys(parse(first).parts).length, 9)
  assert.deepEqual(Object.keys(parse(second).parts), [])
  assert.match(parse(first).parts['summary'] ?? '', /something new/)
  assert.equal(streams.count, 0, 'one who has gone is forgotten')
})

test('a bounded number of pages is renewed, and those end with the edge', async () => {
  const { get, streams } = setUp(status)
  const [one, two] = [await get('/events'), await get('/events')]
  const refused = await get('/events')
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '30'])
  const reading = [eventsOf(one, 9), eventsOf(two, 9)]
  await new Promise((resolve) => setImmediate(resolve))
  streams.close()
  for (const events of await Promise.all(reading)) assert.ok(events.length < 9)
  assert.equal(streams.count, 0)
  assert.equal((await get('/events', 'HEAD')).status, 200)
  assert.equal(streams.count, 0)
  assert.equal((await get('/events')).status, 200)
})
