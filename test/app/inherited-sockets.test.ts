import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { test } from 'node:test'
import { InheritedSockets } from '../../src/app/inherited-sockets.ts'
import { descriptorOf } from '../support/socket-supervisor.ts'

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

async function openServer(host: string): Promise<{ server: Server; port: number }> {
  const server = createServer().listen(0, host)
  await once(server, 'listening')
  const address = server.address()
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

const SOURCE = new URL('../../src/app/inherited-sockets.ts', import.meta.url).href
/** In a process that has the socket from another one. */
const PROGRAM = `
import { InheritedSockets } from '${SOURCE}'
const [port, ...names] = process.argv.slice(1)
const sockets = new InheritedSockets([3])
for (const host of names) {
  const listen = [{ host, port: Number(port) }]
  const isFound = sockets.find(listen[0]).length === 1
  if (isFound) sockets.checkAllUsed({ listen, admin: { listen: { host: 'localhost', port: 1 } } })
  console.log(host, isFound)
}
process.exit()
`

for (const host of ['127.0.0.1', '::1']) {
  test(`listen = localhost takes a socket of ${host}`, async (t) => {
    const { server, port } = await openServer(host)
    t.after(() => server.close())
    const args = ['--input-type=module-typescript', '--eval', PROGRAM, String(port)]
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [...args, 'localhost', 'LOCALHOST', host, '127.0.0.2'],
      { stdio: ['ignore', 'pipe', 'pipe', descriptorOf(server)], encoding: 'utf8' },
    )
    const found = `localhost true\nLOCALHOST true\n${host} true\n127.0.0.2 false\n`
    assert.deepEqual([stdout, stderr], [found, ''])
  })
}
