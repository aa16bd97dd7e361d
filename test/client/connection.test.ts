import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Connection } from '../../src/client/connection.ts'
import { closedPort, type ScriptedDaemon, startDaemon } from '../support/scripted-daemon.ts'
import { waitFor } from '../support/wait-for.ts'

const never = new AbortController().signal

function open(daemon: Pick<ScriptedDaemon, 'address'>): Promise<Connection> {
  return Connection.open(daemon.address, { timeoutMs: 2000, signal: never, now: 0 })
}

test('reads exactly what is asked for and keeps the surplus', async (t) => {
  const daemon = await startDaemon((socket) => socket.write('headbodytail'))
  t.after(() => daemon.close())
  const connection = await open(daemon)
  t.after(() => connection.destroy())
  assert.equal(`${await connection.read(4, 2000)}`, 'head')
  assert.equal(`${await connection.read(4, 2000)}`, 'body')
  assert.equal(connection.isUsable, false, 'surplus bytes make a connection unusable for others')
  assert.equal(`${await connection.readSome(100, 2000)}`, 'tail')
  assert.equal(connection.isUsable, true)
})

test('reads lines and keeps the surplus', async (t) => {
  const daemon = await startDaemon((socket) => {
    socket.setNoDelay(true)
    socket.write('OK a')
    socket.write('=1\r\nOK \r\nhalf')
  })
  t.after(() => daemon.close())
  const connection = await open(daemon)
  t.after(() => connection.destroy())
  assert.equal(`${await connection.readLine(100, 2000)}`, 'OK a=1')
  assert.equal(`${await connection.readLine(100, 2000)}`, 'OK ')
  await assert.rejects(connection.readLine(100, 20), { code: 'timeout', host: daemon.host })
})

test('a line longer than allowed is a protocol error, and one that breaks off is lost', async (t) => {
  const daemon = await startDaemon((socket) => socket.end('x'.repeat(200)))
  t.after(() => daemon.close())
  await assert.rejects((await open(daemon)).readLine(100, 2000), { code: 'protocol_error' })
  await assert.rejects((await open(daemon)).readLine(1000, 2000), { code: 'connection_lost' })
})

test('a refused connection is connect_failed and names the host', async () => {
  const address = await closedPort()
  const opening = Connection.open(address, { timeoutMs: 2000, signal: never, now: 0 })
  const host = `127.0.0.1:${address.port}`
  const message = `cannot connect to ${host} (ECONNREFUSED)`
  await assert.rejects(opening, { code: 'connect_failed', host, message })
})

test('silence past the deadline is a timeout and ends the connection', async (t) => {
  const daemon = await startDaemon(() => undefined)
  t.after(() => daemon.close())
  const connection = await open(daemon)
  await assert.rejects(connection.read(10, 20), { code: 'timeout', host: daemon.host })
  assert.equal(connection.isUsable, false)
})

test('an answer that breaks off is connection_lost', async (t) => {
  const daemon = await startDaemon((socket) => socket.end('half'))
  t.after(() => daemon.close())
  const connection = await open(daemon)
  await assert.rejects(connection.read(10, 2000), { code: 'connection_lost', host: daemon.host })
})

test('what was received before the end can still be read', async (t) => {
  const daemon = await startDaemon((socket) => socket.end('whole'))
  t.after(() => daemon.close())
  const connection = await open(daemon)
  await waitFor('the end', () => !connection.isUsable)
  assert.equal(`${await connection.read(5, 2000)}`, 'whole')
})

test('an abort ends connecting', async () => {
  const controller = new AbortController()
  controller.abort()
  const address = await closedPort()
  const opening = Connection.open(address, { timeoutMs: 2000, signal: controller.signal, now: 0 })
  await assert.rejects(opening, { code: 'aborted' })
})

test('a reader that takes nothing stops the sender', async (t) => {
  const size = 64 * 1024 * 1024
  const daemon = await startDaemon((socket) => socket.write(Buffer.alloc(size)))
  t.after(() => daemon.close())
  const connection = await open(daemon)
  t.after(() => connection.destroy())
  await connection.read(1, 2000)
  let received = 1
  let lastLeft = -1
  const sender = daemon.connections[0]
  assert.ok(sender)
  // Once the kernel's buffers are full, nothing moves any more although much is left.
  for (let same = 0; same < 50; ) {
    await new Promise((resolve) => setImmediate(resolve))
    same = sender.writableLength === lastLeft ? same + 1 : 0
    lastLeft = sender.writableLength
  }
  assert.equal(sender.writableLength > 0, true, 'the sender has got rid of everything')
  while (received < size) received += (await connection.readSome(size, 5000)).length
  assert.equal(received, size)
})
