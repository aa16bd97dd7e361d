import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ListedHosts } from '../../src/resolver/listed-hosts.ts'

const NODE1 = { hostip: '10.0.0.1', altip: null, httpPort: 7500, httpGetPort: null }
const NODE2 = { hostip: '10.0.0.2', altip: '192.168.0.2', httpPort: 7500, httpGetPort: 7600 }

function url(host: string, port = 7500) {
  return { host, port, devid: 1, fid: 3 }
}

function listing(lists: readonly (readonly (typeof NODE1 | typeof NODE2)[])[]) {
  const state = { now: 0, fetches: 0 }
  const hosts = new ListedHosts({
    fetch: async () => lists[Math.min(state.fetches++, lists.length - 1)] ?? [],
    refreshMs: 10_000,
    retryMs: 1000,
    now: () => state.now,
  })
  return { state, hosts }
}

describe('addresses of a tracker’s answer', () => {
  it('are connected to when they are listed, with any port for reading and any address', async () => {
    const { hosts } = listing([[NODE1, NODE2]])
    const listed = [
      url('10.0.0.1'),
      url('10.0.0.2', 7600),
      url('10.0.0.2'),
      url('192.168.0.2', 7600),
    ]
    const others = [url('10.0.0.9'), url('10.0.0.1', 22), url('10.0.0.1', 7600)]
    assert.deepEqual(await hosts.only([...listed, ...others]), listed)
  })

  it('of a new host make the list be read again, at most once in a while', async () => {
    const { state, hosts } = listing([[NODE1], [NODE1, NODE2]])
    const urls = [url('10.0.0.1'), url('10.0.0.2')]
    assert.deepEqual(await hosts.only(urls), [urls[0]])
    assert.equal(state.fetches, 1)
    state.now = 1000
    assert.deepEqual(await hosts.only(urls), urls)
    assert.equal(state.fetches, 2)
    state.now = 1999
    await hosts.only([url('10.0.0.9')])
    assert.equal(state.fetches, 2)
  })
})
