import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeDomains, decodeHosts } from '../../../src/wire/mogilefs/cluster-messages.ts'
import { COMMANDS } from '../../../src/wire/mogilefs/commands.ts'
import { isAbsent, isRefusal } from '../../../src/wire/mogilefs/errors.ts'
import { parseFidUrl } from '../../../src/wire/mogilefs/fid-path.ts'
import {
  decodeFids,
  decodeFileDebug,
  decodeFileInfo,
  decodeKeyPage,
  decodeOpenedFile,
  decodePaths,
} from '../../../src/wire/mogilefs/file-messages.ts'
import {
  type Answer,
  decodeAnswer,
  decodeRequest,
  encodeError,
  encodeOk,
} from '../../../src/wire/mogilefs/line.ts'
import recorded from '../../fixtures/mogilefs-wire.json' with { type: 'json' }

type Recorded = (typeof recorded)[number]

/** Questions and answers of one line each, which leaves out what begins with `!` and HTTP. */
const exchanges = recorded.filter(({ response }) => /^(?:OK|ERR) .*\r\n$/.test(response))

function answerTo(name: string): Answer {
  const found = exchanges.find((exchange) => exchange.name === name)
  assert.ok(found, `nothing is recorded under ${name}`)
  return decodeAnswer(found.response.slice(0, -2))
}

function argsOf(name: string): Extract<Answer, { kind: 'ok' }>['args'] {
  const answer = answerTo(name)
  assert.ok(answer.kind === 'ok', name)
  return answer.args
}

function codeOf(name: string): string {
  const answer = answerTo(name)
  return answer.kind === 'error' ? answer.code : 'OK'
}

describe('every recorded answer', () => {
  it('is one of at least a hundred', () => assert.ok(exchanges.length > 100))

  for (const exchange of exchanges) {
    it(`${exchange.section}: ${exchange.name}`, () => checkAnswer(exchange))
  }
})

/** What it says, said again by us, is the same. */
function checkAnswer({ response }: Recorded): void {
  const answer = decodeAnswer(response.slice(0, -2))
  if (answer.kind === 'error') {
    assert.equal(encodeError(answer.code, answer.text), response)
    return
  }
  const again = decodeAnswer(encodeOk(Object.fromEntries(answer.args)).slice(0, -2))
  assert.deepEqual(again, answer)
  const sorted = (line: string): string[] => line.slice(3).trim().split('&').toSorted()
  assert.deepEqual(sorted(encodeOk(Object.fromEntries(answer.args))), sorted(response))
}

describe('every recorded GET_PATHS', () => {
  const paths = exchanges.filter(({ request, response }) => {
    return decodeRequest(request)?.command === 'get_paths' && response.startsWith('OK')
  })

  it('names copies of one fid, in whatever order its arguments come', () => {
    assert.ok(paths.length > 30)
    for (const { name, response } of paths) {
      const answer = decodeAnswer(response.slice(0, -2))
      assert.ok(answer.kind === 'ok', name)
      const copies = decodePaths(answer.args).map(parseFidUrl)
      assert.ok(!copies.includes(undefined), name)
      assert.ok(new Set(copies.map((copy) => copy?.fid)).size <= 1, name)
      assert.equal(copies.length, Number(answer.args.get('paths')))
    }
  })

  it('may name none: that is no error', () => {
    assert.deepEqual(decodePaths(argsOf('odd rows: x-nocopies')), [])
  })

  it('keeps the order of path1, path2 and not that of the line', () => {
    const hosts = decodePaths(argsOf('order sample 4')).map((url) => parseFidUrl(url)?.host)
    assert.deepEqual(hosts, ['127.0.0.1', '127.0.0.3', '127.0.0.2'])
  })
})

describe('recorded answers to', () => {
  it('FILE_INFO', () => {
    const common = { className: 'along', devcount: 2, checksum: null }
    assert.deepEqual(decodeFileInfo(argsOf('FILE_INFO')), { ...common, fid: 3, length: 13 })
    assert.deepEqual(decodeFileInfo(argsOf('FILE_INFO empty')), { ...common, fid: 21, length: 0 })
    const other = decodeFileInfo(argsOf('FILE_INFO default class'))
    assert.equal(other.className, 'default')
  })

  it('FILE_DEBUG', () => {
    for (const name of ['FILE_DEBUG key', 'FILE_DEBUG fid']) {
      const { file, paths } = decodeFileDebug(argsOf(name))
      assert.deepEqual(file, {
        fid: 3,
        length: 13,
        className: 'along',
        devcount: 2,
        checksum: 'NONE',
        domain: 'img',
        key: 'test',
      })
      assert.deepEqual(
        paths.map(({ devid, path }) => [devid, parseFidUrl(path)?.host]),
        [
          [1, '127.0.0.1'],
          [2, '127.0.0.2'],
        ],
      )
    }
    assert.equal(decodeFileDebug(argsOf('file_debug unknown fid')).file, null)
  })

  it('LIST_KEYS', () => {
    const all = decodeKeyPage(argsOf('LIST_KEYS escapes in the answer'))
    assert.equal(all.keys.length, 22)
    assert.deepEqual(all.keys.slice(5, 10), [
      'a b c.txt',
      'a+b.txt',
      'back\\slash,comma.txt',
      'c:d:e.txt',
      'café.jpg',
    ])
    assert.equal(all.keys[20], 'trailing ')
    assert.equal(all.nextAfter, '买家秀/图1.jpg')
    const page = decodeKeyPage(argsOf('LIST_KEYS prefix limit'))
    assert.deepEqual(page, { keys: ['test', 'test1'], nextAfter: 'test1' })
  })

  it('LIST_FIDS', () => {
    const files = decodeFids(argsOf('LIST_FIDS'))
    assert.deepEqual(
      files.map(({ fid, key, length }) => [fid, key, length]),
      [
        [3, 'test', 13],
        [4, 'test1', 17],
        [5, 'seller/2026/11/a.jpg', 30720],
      ],
    )
  })

  it('GET_HOSTS', () => {
    const hosts = decodeHosts(argsOf('GET_HOSTS'))
    assert.deepEqual(
      hosts.map(({ hostid, hostname, hostip }) => [hostid, hostname, hostip]),
      [
        [3, 'node3', '127.0.0.3'],
        [1, 'node1', '127.0.0.1'],
        [2, 'node2', '127.0.0.2'],
      ],
    )
    const same = { status: 'alive', httpPort: 7500, httpGetPort: null, altip: null, altmask: null }
    for (const host of hosts) assert.deepEqual({ ...host, ...same }, host)
  })

  it('GET_DOMAINS', () => {
    const replpolicy = 'MultipleHosts()'
    const byDefault = { name: 'default', mindevcount: 2, replpolicy, hashtype: 'NONE' }
    assert.deepEqual(decodeDomains(argsOf('GET_DOMAINS')), [
      { name: 'video', classes: [{ ...byDefault, name: 'big', mindevcount: 3 }, byDefault] },
      { name: 'img', classes: [{ ...byDefault, name: 'along' }, byDefault] },
    ])
  })

  it('CREATE_OPEN, with and without multi_dest', () => {
    const one = decodeOpenedFile(argsOf('CREATE_OPEN'))
    const path = 'http://127.0.0.3:7500/dev3/0/000/000/0000000027.fid'
    assert.deepEqual(one, { fid: 27, destinations: [{ devid: 3, path }] })
    const many = decodeOpenedFile(argsOf('CREATE_OPEN multi_dest'))
    assert.deepEqual([many.fid, many.destinations.map(({ devid }) => devid)], [32, [1, 3, 2]])
  })

  it('commands that fail', () => {
    const absent = ['unknown key', 'list_keys none', 'delete unknown', 'domain case changed']
    for (const name of absent) assert.equal(isAbsent(codeOf(name)), true, name)
    const refused = ['no domain', 'no key', 'unknown command', 'CREATE_CLOSE wrong size']
    for (const name of refused) assert.equal(isRefusal(codeOf(name)), true, name)
    const code = codeOf('odd rows: x-unknown-device')
    assert.deepEqual([code, isAbsent(code), isRefusal(code)], ['failure', false, false])
  })

  it('commands without an argument to give back', () => {
    for (const name of ['NOOP', 'RENAME']) assert.equal(argsOf(name).size, 0)
  })
})

describe('recorded requests', () => {
  it('are read as the tracker read them', () => {
    const keyOf = (name: string): string | undefined => {
      const request = recorded.find((exchange) => exchange.name === name)?.request ?? ''
      return decodeRequest(request.trimEnd())?.args.get('key')
    }
    assert.equal(keyOf('space as plus'), 'a b c.txt')
    assert.equal(keyOf('plus as %2B'), 'a+b.txt')
    assert.equal(keyOf('plus sent raw'), 'a b.txt')
    assert.equal(keyOf('percent raw (not followed by hex)'), '100%.txt')
    assert.equal(keyOf('literal %20 in key'), 'lit%20eral.txt')
    assert.equal(keyOf('& = ? # escaped'), 'q?x=1&y=2#f.txt')
    assert.equal(keyOf('= raw'), 'q?x')
    assert.equal(keyOf('two keys in one request'), 'test\0test1')
    assert.equal(keyOf('utf-8 cafe'), 'café.jpg')
    assert.equal(keyOf('unicode raw UTF-8'), '买家秀/图1.jpg')
    assert.equal(keyOf('NUL'), 'te\0st')
    assert.equal(keyOf('empty key'), '')
  })

  it('name commands in either case', () => {
    const names: readonly string[] = COMMANDS
    for (const { request, section } of exchanges) {
      const command = decodeRequest(request.trimStart())?.command ?? ''
      if (section === 'get_paths') assert.equal(command, 'get_paths')
      if (names.includes(command)) assert.equal(command, command.toLowerCase())
    }
  })
})
