import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeArguments } from '../../../src/wire/mogilefs/arguments.ts'
import {
  decodeDevices,
  decodeDomains,
  decodeHosts,
} from '../../../src/wire/mogilefs/cluster-messages.ts'
import { isProtocolError } from '../../support/protocol-error.ts'

describe('hosts', () => {
  it('may have a second port and a second address', () => {
    const [host] = decodeHosts(
      decodeArguments(
        'hosts=1&host1_hostid=1&host1_hostname=a&host1_hostip=10.0.0.1&host1_status=alive' +
          '&host1_http_port=7500&host1_http_get_port=80&host1_altip=192.168.0.1&host1_altmask=192.168.0.0/24',
      ),
    )
    assert.deepEqual(host, {
      hostid: 1,
      hostname: 'a',
      hostip: '10.0.0.1',
      status: 'alive',
      httpPort: 7500,
      httpGetPort: 80,
      altip: '192.168.0.1',
      altmask: '192.168.0.0/24',
    })
  })

  it('that are counted and not told are a protocol error', () => {
    assert.throws(() => decodeHosts(decodeArguments('hosts=1')), isProtocolError)
    assert.throws(() => decodeHosts(decodeArguments('')), isProtocolError)
    assert.throws(() => decodeHosts(decodeArguments('hosts=99999999')), isProtocolError)
  })

  it('beyond their count are ignored', () => {
    assert.deepEqual(decodeHosts(decodeArguments('hosts=0&host1_hostid=1')), [])
  })
})

describe('devices', () => {
  it('may not have been seen by this tracker yet, and have no numbers', () => {
    const text =
      'devices=1&dev1_devid=4&dev1_hostid=2&dev1_status=drain&dev1_mb_total=&dev1_mb_used='
    assert.deepEqual(decodeDevices(decodeArguments(text)), [
      { devid: 4, hostid: 2, status: 'drain', observedState: '', weight: 0, mbTotal: 0, mbUsed: 0 },
    ])
  })

  it('tell what the tracker saw', () => {
    const text =
      'devices=1&dev1_devid=4&dev1_hostid=2&dev1_status=alive&dev1_observed_state=writeable' +
      '&dev1_weight=100&dev1_mb_total=5000&dev1_mb_used=1200&dev1_utilization=2.80'
    const [device] = decodeDevices(decodeArguments(text))
    assert.equal(device?.observedState, 'writeable')
    assert.deepEqual([device?.weight, device?.mbTotal, device?.mbUsed], [100, 5000, 1200])
  })
})

describe('domains', () => {
  it('may have no policy and a hash type', () => {
    const text =
      'domains=1&domain1=img&domain1classes=1&domain1class1name=along&domain1class1mindevcount=2' +
      '&domain1class1hashtype=MD5'
    assert.deepEqual(decodeDomains(decodeArguments(text)), [
      {
        name: 'img',
        classes: [{ name: 'along', mindevcount: 2, replpolicy: '', hashtype: 'MD5' }],
      },
    ])
  })
})
