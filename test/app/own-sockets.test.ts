import assert from 'node:assert/strict'
import { createServer, Socket } from 'node:net'
import { test } from 'node:test'
import { OwnSockets } from '../../src/app/own-sockets.ts'
import { freePort } from '../support/free-port.ts'

const HOST = '127.0.0.1'

test('a socket is bound, open until it is dropped, and never accepts here', async () => {
  const own = new OwnSockets()
  const address = { host: HOST, port: await freePort() }
  own.open([address, address])
  const [fd, ...others] = own.fds
  assert.ok(fd !== undefined && others.length === 0)
  const bound = new Socket({ fd, readable: false, writable: false }).address()
  assert.deepEqual({ ...bound, family: '' }, { address: HOST, port: address.port, family: '' })
  own.keep([])
  assert.deepEqual(own.fds, [])
})

test('a port that is taken is named, and those opened with it are closed again', async (t) => {
  const own = new OwnSockets()
  const taken = createServer()
  const port = await freePort()
  await new Promise<void>((resolve) => taken.listen(port, HOST, resolve))
  t.after(() => taken.close())
  const free = { host: HOST, port: await freePort() }
  const open = () => own.open([free, { host: HOST, port }])
  assert.throws(open, { code: 'invalid_config', message: /taken by another program/ })
  assert.throws(() => own.open([{ host: '203.0.113.1', port }]), { message: /no such address/ })
  assert.deepEqual(own.fds, [])
})

test('names and free ports are left to the edge process', () => {
  const own = new OwnSockets()
  own.open([
    { host: 'localhost', port: 8090 },
    { host: HOST, port: 0 },
  ])
  assert.deepEqual(own.fds, [])
})
