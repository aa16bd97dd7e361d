import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { closedPort } from '../support/scripted-daemon.ts'
import { error, ok, raw, silence, startTracker } from '../support/scripted-tracker.ts'
import { waitFor } from '../support/wait-for.ts'
import { first, GOOD, KEY, signal, start, trackerOf } from './tracker-fixture.ts'

describe('a connection to a tracker', () => {
  test('serves one question after another', async (t) => {
    const { daemons, tracker } = await start(t, [{ ...GOOD, get_hosts: ok({ hosts: 0 }) }])
    for (let i = 0; i < 3; i += 1) await tracker.locate(KEY, signal)
    assert.deepEqual(await tracker.getHosts(signal), [])
    assert.equal(first(daemons).connections.length, 1)
  })

  test('is used again after an error', async (t) => {
    const { daemons, tracker } = await start(t, [{ file_info: error('unknown_key') }])
    for (let i = 0; i < 3; i += 1) assert.equal(await tracker.fileInfo(KEY, signal), 'no_key')
    assert.equal(first(daemons).connections.length, 1)
  })

  test('never serves two at the same time', async (t) => {
    const waiting: (() => void)[] = []
    const daemon = await startTracker(({ args }, socket) => {
      waiting.push(() => socket.write(ok({ hosts: 0 })(args.get('callid'))))
      return silence
    })
    t.after(() => daemon.close())
    const { tracker } = trackerOf(t, [daemon.address])
    const asking = [tracker.getHosts(signal), tracker.getHosts(signal)]
    await waitFor('two questions', () => waiting.length === 2)
    assert.equal(daemon.connections.length, 2)
    for (const answer of waiting) answer()
    await Promise.all(asking)
  })

  test('that gives the answer to another call is dropped', async (t) => {
    for (const stray of [
      raw('OK hosts=0&callid=999\r\n'),
      raw('ERR failure Operation+failed 999\r\n'),
    ]) {
      const { daemons, tracker } = await start(t, [{ get_hosts: stray }])
      const asking = tracker.getHosts(signal)
      await assert.rejects(asking, ({ code, cause }) => {
        assert.equal(code, 'no_tracker')
        assert.equal(cause.code, 'protocol_error')
        return true
      })
      await waitFor('its end', () => first(daemons).connections[0]?.destroyed === true)
    }
  })

  test('that says more than was asked is dropped', async (t) => {
    const twice = (callid: string | undefined) => `${ok({ hosts: 0 })(callid)}OK \r\n`
    const { daemons, tracker } = await start(t, [{ get_hosts: twice }])
    assert.deepEqual(await tracker.getHosts(signal), [])
    await waitFor('its end', () => first(daemons).connections[0]?.destroyed === true)
  })

  test('of an old tracker that echoes no callid is good', async (t) => {
    const { daemons, tracker } = await start(t, [{ get_hosts: raw('OK 7 hosts=0\r\n') }])
    for (let i = 0; i < 2; i += 1) assert.deepEqual(await tracker.getHosts(signal), [])
    assert.equal(first(daemons).connections.length, 1)
  })

  test('that was closed while idle costs a question no failure', async (t) => {
    const daemon = await startTracker((_request, socket, connection) => {
      // The first connection answers once and is dead afterwards, without having said so.
      const isDead = connection === 0 && socket.bytesWritten > 0
      return isDead ? null : ok({ hosts: 0 })
    })
    t.after(() => daemon.close())
    const { tracker, events } = trackerOf(t, [daemon.address])
    await tracker.getHosts(signal)
    assert.deepEqual(await tracker.getHosts(signal), [])
    assert.equal(daemon.connections.length, 2)
    assert.deepEqual(events, [])
  })

  test('that breaks on its first use is a failure', async (t) => {
    const { daemons, tracker } = await start(t, [{ get_hosts: null }])
    await assert.rejects(tracker.getHosts(signal), { code: 'no_tracker' })
    assert.equal(first(daemons).connections.length, 1)
  })

  test('is ended when the one who asked goes away', async (t) => {
    const { daemons, tracker } = await start(t, [{ get_hosts: silence }])
    const controller = new AbortController()
    const asking = tracker.getHosts(controller.signal)
    await waitFor('the question', () => first(daemons).commands.length === 1)
    controller.abort()
    await assert.rejects(asking, { code: 'aborted' })
    await waitFor('its end', () => first(daemons).connections[0]?.destroyed === true)
  })

  test('without an answer in time is ended', async (t) => {
    const { daemons, tracker } = await start(t, [{ get_hosts: silence }], { firstAnswerMs: 20 })
    await assert.rejects(tracker.getHosts(signal), { code: 'no_tracker' })
    await waitFor('its end', () => first(daemons).connections[0]?.destroyed === true)
  })

  test('with a line that never ends is ended', async (t) => {
    const daemon = await startTracker((_request, socket) => {
      socket.write(Buffer.alloc(5 * 1024 * 1024, 'x'))
      return silence
    })
    t.after(() => daemon.close())
    const { tracker } = trackerOf(t, [daemon.address])
    await assert.rejects(tracker.getHosts(signal), /a line of more than 4194304 bytes/)
  })
})

describe('a command that changes something', () => {
  const OPENED = ok({ fid: 7, dev_count: 1, devid_1: 1, path_1: 'http://h:7500/dev1/x' })
  const UPLOADED = { ...KEY, fid: 7, devid: 1, path: 'http://h:7500/dev1/x', size: 0 }

  test('is sent once, though the connection breaks', async (t) => {
    const close = { create_close: null, noop: ok() }
    const { daemons, tracker } = await start(t, [close, close])
    await tracker.noop(signal)
    await tracker.noop(signal)
    await assert.rejects(tracker.createClose(UPLOADED, signal), { code: 'connection_lost' })
    const sent = daemons.flatMap(({ commands }) => commands).filter((name) => name !== 'noop')
    assert.deepEqual(sent, ['create_close'])
  })

  test('is not sent to a second tracker while the first is silent', async (t) => {
    const script = { delete: silence }
    const { daemons, tracker } = await start(t, [script, script], {
      hedgeMs: 5,
      networkTimeoutMs: 60,
    })
    await assert.rejects(tracker.delete(KEY, signal), { code: 'timeout' })
    assert.equal(daemons.flatMap(({ commands }) => commands).length, 1)
  })

  test('does not go over a connection that may be dead', async (t) => {
    const daemon = await startTracker((_request, socket, connection) => {
      const isDead = connection === 0 && socket.bytesWritten > 0
      return isDead ? null : ok()
    })
    t.after(() => daemon.close())
    const { tracker } = trackerOf(t, [daemon.address])
    await tracker.noop(signal)
    assert.equal(await tracker.delete(KEY, signal), true)
  })

  test('goes to the next tracker where no connection can be made', async (t) => {
    const daemon = await startTracker(() => ok())
    t.after(() => daemon.close())
    const { tracker } = trackerOf(t, [await closedPort(), daemon.address])
    assert.equal(await tracker.delete(KEY, signal), true)
    const none = trackerOf(t, [await closedPort()])
    await assert.rejects(none.tracker.delete(KEY, signal), { code: 'no_tracker' })
  })

  test('that failed on one tracker is not tried on another', async (t) => {
    const script = { delete: error('failure'), rename: error('db') }
    const { daemons, tracker } = await start(t, [script, script])
    await assert.rejects(tracker.delete(KEY, signal), { code: 'refused_by_server' })
    const renaming = tracker.rename({ ...KEY, newKey: 'b' }, signal)
    await assert.rejects(renaming, { code: 'refused_by_server' })
    assert.equal(daemons.flatMap(({ commands }) => commands).length, 2)
  })

  test('is tried on another tracker where the first does not know the domain', async (t) => {
    const scripts = [{ create_open: error('unreg_domain') }, { create_open: OPENED }]
    const { tracker } = await start(t, scripts)
    assert.equal((await tracker.createOpen(KEY, signal)).fid, 7)
    const absent = { create_class: error('domain_not_found') }
    const admin = await start(t, [absent, { create_class: ok() }])
    const settings = { domain: 'new', className: 'along', mindevcount: 2 }
    await admin.tracker.admin.createClass(settings, signal)
    const none = await start(t, [absent, absent])
    const creating = none.tracker.admin.createClass(settings, signal)
    await assert.rejects(creating, { code: 'refused_by_server', message: /^domain_not_found/ })
  })

  test('CREATE_OPEN alone is tried elsewhere whatever went wrong', async (t) => {
    const scripts = [{ create_open: error('db') }, { create_open: OPENED }]
    const { tracker, daemons } = await start(t, scripts)
    const opened = await tracker.createOpen({ ...KEY, className: 'along' }, signal)
    assert.deepEqual(opened.destinations, [{ devid: 1, path: 'http://h:7500/dev1/x' }])
    const args = Object.fromEntries(daemons[1]?.requests[0]?.args ?? [])
    const sent = { ...KEY, class: 'along', fid: '0', multi_dest: '1', callid: '2' }
    assert.deepEqual(args, sent)
  })

  test('is told the tracker`s own words where it is refused', async (t) => {
    const text = 'Expected: 6; actual: 5'
    const { tracker } = await start(t, [{ create_close: error('size_mismatch', text) }])
    const closing = tracker.createClose(UPLOADED, signal)
    await assert.rejects(closing, {
      code: 'refused_by_server',
      message: /size_mismatch.*actual: 5/,
    })
  })

  test('of a key that does not exist is false', async (t) => {
    const script = {
      delete: error('unknown_key'),
      rename: error('unknown_key'),
      updateclass: error('invalid_key'),
    }
    const { tracker } = await start(t, [script])
    assert.equal(await tracker.delete(KEY, signal), false)
    assert.equal(await tracker.rename({ ...KEY, newKey: 'b' }, signal), false)
    assert.equal(await tracker.updateClass({ ...KEY, className: 'a' }, signal), false)
  })
})
