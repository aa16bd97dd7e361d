import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { Admission, ClientBounds, ClientCounts, clientOf } from '../../src/http/admission.ts'
import { createEdgeServer } from '../../src/http/serve.ts'
import { MemoryTransfer } from '../support/memory-transfer.ts'
import { RawClient } from '../support/raw-http.ts'

const SILENT = { warn: () => undefined, error: () => undefined }

describe('a client', () => {
  const addresses: readonly (readonly [string, string])[] = [
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2::/64'],
    ['2001:db8::5', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
    ['fe80', 'fe80'],
  ]
  for (const [address, client] of addresses) {
    it(`of ${address} is ${client}`, () => assert.equal(clientOf(address), client))
  }
})

describe('counts of clients', () => {
  it('hold each to the bound, and forget who has nothing', () => {
    const counts = new ClientCounts(2)
    assert.deepEqual(
      [1, 2, 3].map(() => counts.enter('a')),
      [true, true, false],
    )
    assert.ok(counts.enter('b'))
    counts.leave('a')
    assert.ok(counts.enter('a'))
    assert.ok(!counts.enter('a'))
  })

  it('count one IPv6 network as one client', () => {
    const counts = new ClientCounts(1)
    assert.ok(counts.enter('2001:db8::1'))
    assert.ok(!counts.enter('2001:db8::2'))
    counts.leave('2001:db8::1')
    assert.ok(counts.enter('2001:db8::2'))
  })

  it('without a bound hold nobody', () => {
    const counts = new ClientCounts(0)
    assert.ok(Array.from({ length: 100 }, () => counts.enter('a')).every(Boolean))
  })
})

describe('an admission', () => {
  it('that one client has used up is there for others', () => {
    const admission = new Admission({ max: 3, maxPerClient: 1 })
    const entered = ['a', 'a', 'b', undefined, 'c'].map((client) => admission.enter(client))
    assert.deepEqual(entered, [true, false, true, true, false])
    assert.equal(admission.count, 3)
    admission.leave('a')
    assert.equal(admission.enter('a'), true)
  })
})

describe('the bounds of a process', () => {
  it('hold for all its listeners together', async (t) => {
    const bounds = new ClientBounds({ maxConnections: 2 })
    const servers = [1, 2].map(() =>
      createEdgeServer({ transfer: new MemoryTransfer(), urls: {}, log: SILENT, bounds }),
    )
    t.after(() => Promise.all(servers.map((server) => server.close(0))))
    const ports: number[] = []
    for (const server of servers) {
      ports.push((await server.listen({ host: '127.0.0.1', port: 0 })).port)
    }
    const clients = [ports[0], ports[1], ports[1]].map((port) => new RawClient(port ?? 0))
    t.after(() => {
      for (const client of clients) client.close()
    })
    await Promise.race(clients.map(({ socket }) => once(socket, 'close')))
    assert.equal(bounds.connections.count, 2)
  })
})
