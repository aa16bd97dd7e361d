import assert from 'node:assert/strict'
import { test } from 'node:test'
import { InheritedSockets } from '../../src/app/inherited-sockets.ts'

test('sockets announced to another process, or to none, are not taken', () => {
  for (const pid of [undefined, '', '1', `${process.pid}0`, String(process.ppid)]) {
    const env = { LISTEN_PID: pid, LISTEN_FDS: '1', LISTEN_FDNAMES: 'dfs-edge.socket', PATH: '/' }
    assert.deepEqual(InheritedSockets.take(env).fds, [], pid)
    assert.deepEqual(env, { PATH: '/' })
  }
})

test('no number of sockets, and what is no socket, are told', () => {
  const take = (fds: string) =>
    InheritedSockets.take({ LISTEN_PID: String(process.pid), LISTEN_FDS: fds })
  for (const fds of ['', '-1', 'one', '1.5', '999']) {
    assert.throws(() => take(fds), { code: 'invalid_config', message: /LISTEN_FDS is no/ })
  }
  assert.throws(() => take('64'), { code: 'invalid_config', message: /^descriptor [0-9]+ is no/ })
  assert.deepEqual(take('0').fds, [])
})
