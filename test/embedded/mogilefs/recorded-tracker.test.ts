import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { EmbeddedMogilefs } from '../../../src/embedded/embedded-mogilefs.ts'
import { decodeDomains, decodeHosts } from '../../../src/wire/mogilefs/cluster-messages.ts'
import { type Answer, decodeAnswer } from '../../../src/wire/mogilefs/line.ts'
import { put } from './http-peer.ts'
import { ask, askOk, LinePeer } from './line-peer.ts'
import { closeLine, mogstoredOf, trackerOf } from './mogilefs-fixture.ts'
import { startRecordedMogilefs } from './recorded-mogilefs.ts'

interface Exchange {
  readonly section: string
  readonly name: string
  readonly request: string
  readonly response: string
}

const PATH = join(import.meta.dirname, '../../fixtures/mogilefs-wire.json')
const EXCHANGES: readonly Exchange[] = JSON.parse(readFileSync(PATH, 'utf8'))

/** Commands that only a real cluster needs, and answers that speak of the real one's processes. */
const NOT_HERE = /^(SERVER_SETTING|FSCK_STATUS|TEST|DO_MONITOR_ROUND|CLEAR_CACHE|!|HTTP PUT)/

/** Recorded, and otherwise here: see the tests of its own that each of them has. */
const OTHERWISE = [
  'LIST_KEYS prefix regex chars with after',
  'LIST_KEYS prefix ( with after',
  'CREATE_OPEN multi_dest',
]

type Pairs = Readonly<Record<string, string>>

/** Paths as a set, since their order is a matter of chance. */
function formOf(answer: Answer) {
  if (answer.kind === 'error') {
    const text = answer.text.replace(/; error: .*/s, '')
    return { code: answer.code, text, callid: answer.callid }
  }
  const pairs: [string, string][] = [...answer.args]
  const isPath = ([name]: [string, string]) => /^path[0-9]+$/.test(name)
  const paths = pairs.filter(isPath).map(([, value]) => value)
  const others: Pairs = Object.fromEntries(pairs.filter((pair) => !isPath(pair)))
  return { ...others, paths: paths.length > 0 ? paths.sort() : others['paths'] }
}

describe('what a tracker was recorded to say', () => {
  const cleanUp: (() => unknown)[] = []
  let cluster: EmbeddedMogilefs
  let uploaded: { fid: number; devid: number; path: string }

  before(async () => {
    cluster = await startRecordedMogilefs({ after: (fn) => cleanUp.push(fn) })
  })
  after(async () => {
    for (const fn of cleanUp.reverse()) await fn()
  })

  const port = () => mogstoredOf(cluster, 1).address.port

  /** From now on new files go to this device only, and are not copied. */
  function onlyDevice(devid: number): void {
    cluster.store.exec(`UPDATE device SET status = iif(devid = ${devid}, 'alive', 'readonly')`)
  }

  async function putAndClose(content: string, key: string): Promise<void> {
    const bytes = Buffer.from(content)
    assert.equal((await put(uploaded.path, bytes)).status, 200)
    await askOk(trackerOf(cluster), closeLine(uploaded, { key, size: bytes.length }))
  }

  const insertFile = (values: string) => cluster.store.exec(`INSERT INTO file VALUES (${values})`)
  const insertCopy = (values: string) => cluster.store.exec(`INSERT INTO file_on VALUES ${values}`)

  /** What happened between the exchanges without being recorded. */
  const BEFORE: Readonly<Record<string, () => unknown>> = {
    CREATE_OPEN: () => onlyDevice(3),
    'CREATE_CLOSE twice': () => putAndClose('12345', 'wire1'),
    'GET_PATHS after overwrite': () => putAndClose('1234567', 'wire1'),
    'CREATE_CLOSE wrong size': () => put(uploaded.path, Buffer.from('12345')),
    'CREATE_OPEN (nothing uploaded)': () => onlyDevice(1),
    'FILE_INFO after checksum (class hashtype NONE)': () => insertFile("34, 1, 'wire7', 5, 1, 1"),
    'GET_PATHS after delete': () => ask(trackerOf(cluster), 'delete domain=img&key=del-me'),
    'odd rows: x-nocopies': () => insertFile("900000, 1, 'x-nocopies', 1, 1, 1"),
    'odd rows: x-unknown-device': () => {
      insertFile("900001, 1, 'x-unknown-device', 1, 1, 1")
      insertCopy('(900001, 99), (900001, 1)')
    },
    'odd rows: x-bigfid': () => {
      insertFile("12345678901, 1, 'x-bigfid', 1, 1, 1")
      insertCopy('(12345678901, 1)')
    },
    'odd rows: x-missing-on-disk': () => {
      insertFile("900003, 1, 'x-missing-on-disk', 1, 1, 1")
      insertCopy('(900003, 1), (900003, 2)')
    },
    'odd rows: x-unknown-class': () => {
      insertFile("900004, 1, 'x-unknown-class', 1, 77, 1")
      insertCopy('(900004, 1)')
    },
  }

  async function answerTo({ name, request }: Exchange): Promise<string> {
    const peer = new LinePeer(trackerOf(cluster).address)
    try {
      if (name === 'request in two writes') peer.send('GET_PATHS domain=img&')
      const isHalfClosing = name.includes('half-close')
      const own = request
        .replaceAll(/(%3A|:)7500(%2F|\/)/g, `$1${port()}$2`)
        .replace(/k+\.\.\.\(([0-9]+) k\)/, (_, count) => `${'k'.repeat(Number(count))}\r\n`)
      peer.socket[isHalfClosing ? 'end' : 'write'](own)
      return await peer.line()
    } finally {
      peer.close()
    }
  }

  function recordedForm({ response }: Exchange) {
    const own = response
      .replaceAll(':7500/', `:${port()}/`)
      .replaceAll(/(http_port)=7500/g, `$1=${port()}`)
    return decodeAnswer(own.slice(0, -2))
  }

  const done = new Set<string>()
  for (const exchange of EXCHANGES) {
    const { section, name, request, response } = exchange
    if (NOT_HERE.test(request) || NOT_HERE.test(name) || OTHERWISE.includes(name)) continue
    if (response === '') continue
    it(`${section}: ${name}: ${request.trim().slice(0, 60)}`, async () => {
      if (!done.has(name)) await BEFORE[name]?.()
      done.add(name)
      const actual = decodeAnswer(await answerTo(exchange))
      compare(name, actual, recordedForm(exchange))
      if (actual.kind === 'ok' && name.startsWith('CREATE_OPEN')) {
        const { fid, devid, path = '' } = Object.fromEntries(actual.args)
        uploaded = { fid: Number(fid), devid: Number(devid), path }
      }
    })
  }
})

function compare(name: string, actual: Answer, expected: Answer): void {
  if (actual.kind === 'error' || expected.kind === 'error') {
    assert.deepEqual(formOf(actual), formOf(expected))
  } else if (name.startsWith('GET_HOSTS')) {
    const sorted = ({ args }: typeof actual) =>
      [...decodeHosts(args)].sort((a, b) => a.hostid - b.hostid)
    assert.deepEqual(sorted(actual), sorted(expected))
  } else if (name.startsWith('GET_DOMAINS')) {
    const sorted = ({ args }: typeof actual) =>
      [...decodeDomains(args)].sort((a, b) => a.name.localeCompare(b.name))
    assert.deepEqual(sorted(actual), sorted(expected))
  } else if (name === 'pathcount=2 on 3 copies') {
    assert.equal(actual.args.get('paths'), expected.args.get('paths'))
    assert.equal(actual.args.size, expected.args.size)
  } else assert.deepEqual(formOf(actual), formOf(expected))
}
