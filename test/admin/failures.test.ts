import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failures } from '../../src/admin/failures.ts'
import { HostCounts, OTHER_HOSTS, sumOf } from '../../src/admin/host-counts.ts'
import { FAILURES_MAX } from '../../src/admin/process-report.ts'
import { EdgeError, type ErrorCode } from '../../src/errors.ts'
import { recordOfUnread } from '../../src/http/request-record.ts'

function failed(host: string, code: ErrorCode = 'timeout') {
  return { type: 'host_failed', host, error: new EdgeError(code, 'silent', { host }) } as const
}

test('the same thing about the same host is one failure, with a count, as of its last time', () => {
  let now = 0
  const failures = new Failures(() => now)
  failures.noteEvent(failed('a:1'))
  failures.noteEvent(failed('b:1'))
  now = 5
  failures.noteEvent(failed('a:1'))
  failures.noteEvent(failed('a:1', 'connect_failed'))
  assert.deepEqual(
    failures.list.map(({ host, code, count, at }) => [host, code, count, at]),
    [
      ['a:1', 'connect_failed', 1, 5],
      ['a:1', 'timeout', 2, 5],
      ['b:1', 'timeout', 1, 0],
    ],
  )
})

test('wrong content, silence and failed requests are told; a stream that goes on is none', () => {
  const failures = new Failures(() => 0)
  failures.noteEvent({ type: 'wrong_content', ref: '/g/x', host: 'a:1' })
  failures.noteEvent({ type: 'host_silent', host: 'a:1' })
  failures.noteEvent({ type: 'stale_location', ref: '/g/x' })
  failures.noteEvent({ type: 'resumed', ref: '/g/x', from: 'a:1', to: 'b:1', offset: 3 })
  const unread = recordOfUnread({ status: 502, requestId: null, client: '' })
  const record = { ...unread, ref: { system: 'mogilefs', domain: 'd', key: 'k' } } as const
  failures.noteRequest({ ...record, fault: new EdgeError('no_tracker', 'nobody', { host: 'c:1' }) })
  failures.noteRequest({ ...record, ref: null, path: '/x', fault: new TypeError('a bug') })
  failures.noteRequest(record)
  assert.deepEqual(
    failures.list.map(({ kind, host, ref, code }) => [kind, host, ref, code]),
    [
      ['request', null, '/x', 'internal'],
      ['request', 'c:1', '/d/k', 'no_tracker'],
      ['host', 'a:1', null, 'timeout'],
      ['content', 'a:1', '/g/x', 'wrong_content'],
    ],
  )
})

test('of many failures the newest are kept', () => {
  const failures = new Failures(() => 0)
  for (let i = 0; i < 200; i += 1) failures.noteEvent(failed(`a:${i}`))
  assert.equal(failures.list.length, FAILURES_MAX)
  assert.equal(failures.list[0]?.host, 'a:199')
})

test('what happens to hosts is counted by host, a device with its host', () => {
  const hosts = new HostCounts()
  hosts.note(failed('a:1'))
  hosts.note(failed('a:1', 'connect_failed'))
  hosts.note({ type: 'host_silent', host: 'a:1' })
  hosts.note({ type: 'wrong_content', ref: '/d/k', host: 'a:1/dev3' })
  hosts.note({ type: 'wrong_content', ref: '/g/x', host: '/mnt/dev1' })
  hosts.note({ type: 'resumed', ref: '/g/x', from: 'a:1', to: 'b:1', offset: 3 })
  hosts.note({ type: 'failed_over', from: 'a:1', to: 'b:1' })
  const { failures, ...rest } = hosts.of('a:1') ?? { failures: new Map() }
  assert.equal(sumOf(failures), 2)
  assert.deepEqual(rest, { silences: 1, wrongContents: 1, failovers: 1, resumes: 1 })
  assert.deepEqual([...hosts.byHost.keys()], ['a:1', '/mnt/dev1'])
})

test('there is an end to the hosts that are counted apart', () => {
  const hosts = new HostCounts()
  for (let i = 0; i < 1000; i += 1) hosts.note({ type: 'host_silent', host: `a:${i}` })
  assert.equal(hosts.byHost.size, 301)
  assert.equal(hosts.of(OTHER_HOSTS)?.silences, 700)
})
