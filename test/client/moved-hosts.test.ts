import assert from 'node:assert/strict'
import dns from 'node:dns'
import { createServer, type Server, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { Connection } from '../../src/client/connection.ts'
import { FastdfsExchange } from '../../src/client/fastdfs-exchange.ts'
import { HttpStorage } from '../../src/client/http-storage.ts'
import { SqlConnection } from '../../src/client/sql-connection.ts'
import { COMMAND } from '../../src/wire/fastdfs/commands.ts'
import { encodeFrame } from '../../src/wire/fastdfs/header.ts'
import { freePort } from '../support/free-port.ts'
import { perlbal } from '../support/scripted-storage.ts'
import { poolsFor } from './tracker-fixture.ts'

const { signal } = new AbortController()
const NAME = 'moves.test'
const OLD = '127.0.0.2'
const NEW = '127.0.0.3'
const ASK = encodeFrame(COMMAND.ACTIVE_TEST, Buffer.alloc(0))
const ANSWER = encodeFrame(COMMAND.RESPONSE, Buffer.alloc(0))

interface House {
  readonly host: string
  readonly sockets: Socket[]
  readonly server: Server
  /** What it answers to whatever it is asked; null: nothing. */
  answer: Buffer | null
}

/** A daemon of that name at each of two addresses; the name leads to the old one, until it `moves`. */
async function start(t: TestContext, answer: Buffer) {
  const port = await freePort(OLD)
  const old = await open(t, { host: OLD, port, answer })
  const fresh = await open(t, { host: NEW, port, answer })
  let address = OLD
  t.mock.method(dns, 'lookup', (name: string, options: dns.LookupAllOptions, done: Done) => {
    assert.equal(name, NAME)
    assert.equal(options.all, true)
    done(null, [{ address, family: 4 }])
  })
  const moves = (): void => {
    address = NEW
  }
  return { at: { host: NAME, port }, old, fresh, moves }
}

type Done = (error: null, addresses: { address: string; family: number }[]) => void

async function open(
  t: TestContext,
  { host, port, answer }: { host: string; port: number; answer: Buffer },
): Promise<House> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', () => house.answer !== null && socket.write(house.answer))
  })
  const house: House = { host, sockets, server, answer }
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return house
}

test('a daemon that has moved is found where its name leads, though connections are kept', async (t) => {
  const { at, old, fresh, moves } = await start(t, ANSWER)
  const exchange = new FastdfsExchange(poolsFor(t), { firstAnswerMs: 5000, networkTimeoutMs: 5000 })
  await exchange.ask(at, ASK, { signal })
  moves()
  for (const socket of old.sockets) socket.destroy()
  await exchange.ask(at, ASK, { signal })
  assert.deepEqual([old.sockets.length, fresh.sockets.length], [1, 1])
})

test('of connections to an address where nobody answers any more one is tried, not all', async (t) => {
  const { at, old, fresh, moves } = await start(t, ANSWER)
  const exchange = new FastdfsExchange(poolsFor(t), { firstAnswerMs: 500, networkTimeoutMs: 500 })
  await Promise.all([1, 2, 3].map(() => exchange.ask(at, ASK, { signal })))
  assert.equal(old.sockets.length, 3)
  moves()
  old.answer = null
  await assert.rejects(exchange.ask(at, ASK, { signal }), { code: 'timeout' })
  await exchange.ask(at, ASK, { signal })
  assert.equal(fresh.sockets.length, 1)
})

test('the same of storages over HTTP', async (t) => {
  const { at, old, fresh, moves } = await start(t, perlbal('200 OK', 'page'))
  const timing = { connectTimeoutMs: 2000, firstAnswerMs: 500, networkTimeoutMs: 500 }
  const http = new HttpStorage({ ...timing, maxConnections: 4, idleMs: 20_000 })
  t.after(() => http.close())
  await Promise.all([1, 2, 3].map(() => http.probe(at, '/', signal)))
  assert.equal(old.sockets.length, 3)
  moves()
  old.answer = null
  await assert.rejects(http.probe(at, '/', signal), { code: 'timeout' })
  assert.equal(await http.probe(at, '/', signal), 'page')
  assert.equal(fresh.sockets.length, 1)
})

test('databases and trackers are looked up at each new connection', async (t) => {
  const { at, old, fresh, moves } = await start(t, ANSWER)
  const open = { timeoutMs: 100, signal, now: 0 }
  const login = { user: 'mogile', password: '', charset: 'utf8mb4' } as const
  const connect = async (): Promise<void> => {
    const connection = await Connection.open(at, { ...open, timeoutMs: 5000 })
    connection.destroy()
    // Neither house speaks MySQL.
    await assert.rejects(SqlConnection.open({ ...at, database: 'mogilefs' }, login, open))
  }
  await connect()
  assert.deepEqual([old.sockets.length, fresh.sockets.length], [2, 0])
  moves()
  await connect()
  assert.deepEqual([old.sockets.length, fresh.sockets.length], [2, 2])
})
