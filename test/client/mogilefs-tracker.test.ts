import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { closedPort } from '../support/scripted-daemon.ts'
import { error, ok, raw, silence, startTracker } from '../support/scripted-tracker.ts'
import { FID_3, first, GOOD, KEY, signal, start, trackerOf } from './tracker-fixture.ts'

const COPIES = [
  { devid: 1, fid: 3, host: '127.0.0.1', port: 7500 },
  { devid: 2, fid: 3, host: '127.0.0.2', port: 7500 },
]
const FILE = { fid: 3, length: 13, copies: COPIES, checksum: null }

describe('locate', () => {
  test('asks for paths and facts in one write and reads them by name', async (t) => {
    const { daemons, tracker } = await start(t, [GOOD])
    assert.deepEqual(await tracker.locate(KEY, signal), FILE)
    const [paths, info] = first(daemons).requests
    assert.deepEqual(Object.fromEntries(paths?.args ?? []), {
      domain: 'img',
      key: 'test',
      noverify: '1',
      pathcount: '16',
      callid: '1',
    })
    assert.deepEqual(info?.command, 'file_info')
    assert.equal(first(daemons).connections.length, 1)
  })

  test('does not wait for the first answer before it asks the second question', async (t) => {
    const asked: string[] = []
    const daemon = await startTracker(({ command, args }, socket) => {
      asked.push(command)
      if (command === 'get_paths') return silence
      const [paths, info] = ['1', args.get('callid')]
      socket.write(FID_3.paths(paths))
      return () => FID_3.info(info)
    })
    t.after(() => daemon.close())
    const { tracker } = trackerOf(t, [daemon.address])
    assert.deepEqual(await tracker.locate(KEY, signal), FILE)
    assert.deepEqual(asked, ['get_paths', 'file_info'])
  })

  test('asks for the second addresses of hosts in zone alt', async (t) => {
    const { daemons, tracker } = await start(t, [GOOD], { zone: 'alt' })
    await tracker.locate(KEY, signal)
    assert.equal(first(daemons).requests[0]?.args.get('zone'), 'alt')
  })

  test('sends a key as one argument, whatever is in it', async (t) => {
    const { daemons, tracker } = await start(t, [GOOD], {})
    const key = 'a b+c%41=d&zone=alt&key=x\r\n!shutdown\r\n\0é😀'
    await tracker.locate({ domain: 'img', key }, signal)
    const [request] = first(daemons).requests
    assert.equal(request?.args.get('key'), key)
    assert.equal(request?.args.has('zone'), false)
    assert.deepEqual(first(daemons).commands, ['get_paths', 'file_info'])
  })

  test('takes the checksum of a class that has one', async (t) => {
    const md5 = 'd41d8cd98f00b204e9800998ecf8427e'
    for (const [said, value] of [
      [`MD5:${md5}`, { algorithm: 'md5', value: md5 }],
      ['MISSING', null],
      ['NONE', null],
    ] as const) {
      const info = ok({ fid: 3, length: 13, class: 'along', checksum: said })
      const { tracker } = await start(t, [{ ...GOOD, file_info: info }])
      const found = await tracker.locate(KEY, signal)
      assert.deepEqual(typeof found === 'object' && found.checksum, value)
    }
  })

  test('knows no length where a class without a row makes FILE_INFO fail', async (t) => {
    const { tracker } = await start(t, [{ ...GOOD, file_info: error('failure') }])
    assert.deepEqual(await tracker.locate(KEY, signal), { ...FILE, length: null })
  })

  test('gives a file without copies where no device is readable', async (t) => {
    const { tracker } = await start(t, [{ ...GOOD, get_paths: ok({ paths: 0 }) }])
    assert.deepEqual(await tracker.locate(KEY, signal), { ...FILE, copies: [] })
  })

  test('believes one tracker that a key does not exist', async (t) => {
    const absent = { get_paths: error('unknown_key'), file_info: error('unknown_key') }
    const { daemons, tracker } = await start(t, [absent, GOOD])
    assert.equal(await tracker.locate(KEY, signal), 'no_key')
    assert.deepEqual(daemons[1]?.commands, [])
  })

  test('takes a key that was deleted between the two questions for gone', async (t) => {
    const { tracker } = await start(t, [{ ...GOOD, file_info: error('unknown_key') }])
    assert.equal(await tracker.locate(KEY, signal), 'no_key')
  })

  test('asks the next tracker about a domain that one has not heard of yet', async (t) => {
    const unknown = { get_paths: error('unreg_domain'), file_info: error('unreg_domain') }
    const { tracker, health, daemons } = await start(t, [unknown, GOOD])
    assert.deepEqual(await tracker.locate(KEY, signal), FILE)
    assert.equal(health.isFailing(first(daemons).host), false)
    const alone = await start(t, [unknown, unknown])
    assert.equal(await alone.tracker.locate(KEY, signal), 'no_domain')
  })

  test('drops paths that are no URLs of fids, and says so', async (t) => {
    const odd = ok({
      paths: 3,
      path1: 'http://127.0.0.1:7500/etc/passwd',
      path2: 'http://127.0.0.1:7500/dev1/0/000/000/0000000003.fid',
      path3: 'https://elsewhere/dev1/0/000/000/0000000003.fid',
    })
    const { tracker, events } = await start(t, [{ ...GOOD, get_paths: odd }])
    assert.deepEqual(await tracker.locate(KEY, signal), { ...FILE, copies: COPIES.slice(0, 1) })
    assert.equal(events.length, 2)
  })

  test('asks again where the file was overwritten between the two questions', async (t) => {
    let asked = 0
    const newer = ok({ fid: 4, length: 5, class: 'along' })
    const daemon = await startTracker(({ command }) => {
      if (command === 'get_paths') return FID_3.paths
      asked += 1
      return asked === 1 ? newer : FID_3.info
    })
    t.after(() => daemon.close())
    const { tracker } = trackerOf(t, [daemon.address])
    assert.deepEqual(await tracker.locate(KEY, signal), FILE)
    assert.equal(asked, 2)
  })

  test('asks the database where a tracker goes on naming old paths', async (t) => {
    const script = {
      get_paths: FID_3.paths,
      file_info: ok({ fid: 4, length: 5 }),
      file_debug: ok({
        fid_fid: 4,
        fid_length: 5,
        devpath_3: 'http://127.0.0.3:7500/dev3/0/000/000/0000000004.fid',
      }),
    }
    const { daemons, tracker } = await start(t, [script])
    const copies = [{ devid: 3, fid: 4, host: '127.0.0.3', port: 7500 }]
    const expected = { fid: 4, length: 5, copies, checksum: null }
    assert.deepEqual(await tracker.locate(KEY, signal), expected)
    const twice = ['get_paths', 'file_info', 'get_paths', 'file_info', 'file_debug']
    assert.deepEqual(first(daemons).commands, twice)
  })
})

describe('a tracker that fails', () => {
  test('leaves it to the next one', async (t) => {
    const broken = [
      { get_paths: error('failure'), file_info: error('failure') },
      { get_paths: error('db'), file_info: error('db') },
      { get_paths: error('from_a_plugin'), file_info: error('from_a_plugin') },
      { get_paths: null },
      { get_paths: raw('HTTP/1.0 400 Bad Request\r\n') },
      { get_paths: raw('OK paths=two\r\n') },
      { get_paths: raw('OK paths=1\r\n') },
    ]
    for (const script of broken) {
      const { tracker, daemons, health } = await start(t, [script, GOOD])
      assert.deepEqual(await tracker.locate(KEY, signal), FILE)
      assert.equal(health.isFailing(first(daemons).host), true)
    }
  })

  test('is never "not found": where all fail, there is no tracker', async (t) => {
    const broken = { get_paths: error('failure'), file_info: error('failure') }
    const { tracker } = await start(t, [broken, broken])
    await assert.rejects(tracker.locate(KEY, signal), { code: 'no_tracker' })
    const closed = trackerOf(t, [await closedPort(), await closedPort()])
    await assert.rejects(closed.tracker.locate(KEY, signal), { code: 'no_tracker' })
  })

  test('because of one copy on an unknown device still finds the others', async (t) => {
    const script = {
      get_paths: error('failure', 'Operation failed'),
      file_info: FID_3.info,
      file_debug: ok({
        checksum: 'NONE',
        fid_fid: 3,
        fid_length: 13,
        devids: '99,2',
        devpath_2: 'http://127.0.0.2:7500/dev2/0/000/000/0000000003.fid',
      }),
    }
    const { tracker, health, daemons } = await start(t, [script, script])
    assert.deepEqual(await tracker.locate(KEY, signal), { ...FILE, copies: COPIES.slice(1) })
    assert.deepEqual(
      daemons.map(({ host }) => health.isFailing(host)),
      [false, false],
      'the row is to blame, not the trackers',
    )
  })

  test('one dead and one hung tracker delay a few requests and no more', async (t) => {
    const hung = await startTracker(() => silence)
    const good = await startTracker(({ command }) =>
      command === 'get_paths' ? FID_3.paths : FID_3.info,
    )
    t.after(() => Promise.all([hung.close(), good.close()]))
    const addresses = [await closedPort(), hung.address, good.address]
    const { tracker, events } = trackerOf(t, addresses, { hedgeMs: 200 })
    assert.deepEqual(await tracker.locate(KEY, signal), FILE)
    // One failed, one was silent for one hedge; nobody knew anything of them before.
    const kinds = events.map(({ type }) => type)
    assert.deepEqual(kinds, ['host_failed', 'host_silent', 'failed_over', 'failed_over'])
    assert.deepEqual(hung.commands, ['get_paths', 'file_info'])
    for (let i = 0; i < 20; i += 1) assert.deepEqual(await tracker.locate(KEY, signal), FILE)
    assert.deepEqual(hung.commands, ['get_paths', 'file_info'])
    assert.equal(good.commands.length, 2 * 21)
    assert.equal(events.length, 4)
  })
})

describe('locateOnPrimary', () => {
  test('reads the primary database by FILE_DEBUG', async (t) => {
    const debug = ok({
      checksum: 'MD5:d41d8cd98f00b204e9800998ecf8427e',
      fid_fid: 3,
      fid_length: 13,
      devids: '1,2',
      devpath_1: 'http://127.0.0.1:7500/dev1/0/000/000/0000000003.fid',
      devpath_2: 'http://127.0.0.2:7500/dev2/0/000/000/0000000003.fid',
    })
    const { tracker } = await start(t, [{ file_debug: debug }])
    const checksum = { algorithm: 'md5', value: 'd41d8cd98f00b204e9800998ecf8427e' }
    assert.deepEqual(await tracker.locateOnPrimary(KEY, signal), { ...FILE, checksum })
  })

  test('says that a key does not exist, or a domain', async (t) => {
    const { tracker } = await start(t, [{ file_debug: error('unknown_key') }])
    assert.equal(await tracker.locateOnPrimary(KEY, signal), 'no_key')
    const other = await start(t, [{ file_debug: error('unreg_domain') }])
    assert.equal(await other.tracker.locateOnPrimary(KEY, signal), 'no_domain')
  })

  test('is undefined where the tracker does not know the command', async (t) => {
    const { tracker } = await start(t, [GOOD])
    assert.equal(await tracker.locateOnPrimary(KEY, signal), undefined)
  })

  test('throws where the primary is down', async (t) => {
    const { tracker } = await start(t, [{ file_debug: error('failure') }])
    await assert.rejects(tracker.locateOnPrimary(KEY, signal), { code: 'no_tracker' })
  })
})
