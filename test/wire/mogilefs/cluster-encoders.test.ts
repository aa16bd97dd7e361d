import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type ArgumentsToSend,
  decodeArguments,
  encodeArguments,
} from '../../../src/wire/mogilefs/arguments.ts'
import {
  decodeDevices,
  decodeDomains,
  decodeHosts,
  encodeDevices,
  encodeDomains,
  encodeHosts,
} from '../../../src/wire/mogilefs/cluster-messages.ts'
import {
  decodeFileInfo,
  decodeOpenedFile,
  encodeFileInfo,
  encodeOpenedFile,
  encodeSingleDestination,
} from '../../../src/wire/mogilefs/file-messages.ts'
import { decodeRequest } from '../../../src/wire/mogilefs/line.ts'

function sent(args: ArgumentsToSend) {
  return decodeArguments(encodeArguments(args))
}

describe('what is encoded', () => {
  it('says the same of hosts when it is decoded', () => {
    const bare = {
      hostid: 1,
      hostname: 'a&b=c',
      hostip: '10.0.0.1',
      status: 'alive',
      httpPort: 7500,
    }
    const hosts = [
      { ...bare, httpGetPort: null, altip: null, altmask: null },
      { ...bare, hostid: 2, httpGetPort: 7600, altip: '10.1.0.1', altmask: '10.1.0.0/16' },
    ]
    assert.deepEqual(decodeHosts(sent(encodeHosts(hosts))), hosts)
    assert.deepEqual(decodeHosts(sent(encodeHosts([]))), [])
  })

  it('says the same of devices, and how much of them is free', () => {
    const device = { devid: 7, hostid: 2, status: 'drain', observedState: 'writeable', weight: 0 }
    const devices = [{ ...device, mbTotal: 100, mbUsed: 30 }]
    const args = sent(encodeDevices(devices))
    assert.deepEqual(decodeDevices(args), devices)
    assert.equal(args.get('dev1_mb_free'), '70')
  })

  it('says the same of domains and their classes', () => {
    const ofDefault = { name: 'default', mindevcount: 2, replpolicy: 'MultipleHosts()' }
    const domains = [
      { name: '买家', classes: [{ ...ofDefault, hashtype: 'NONE' }] },
      { name: 'none', classes: [] },
    ]
    assert.deepEqual(decodeDomains(sent(encodeDomains(domains))), domains)
  })

  it('says the same of files and of where to put them', () => {
    const info = { fid: 3, length: 0, className: 'along', devcount: 2, checksum: null }
    assert.deepEqual(decodeFileInfo(sent(encodeFileInfo(info))), info)
    const [first, second] = [
      { devid: 1, path: 'http://a:1/x' },
      { devid: 2, path: 'http://b:1/x' },
    ] as const
    const opened = { fid: 3, destinations: [first, second] }
    assert.deepEqual(decodeOpenedFile(sent(encodeOpenedFile(opened))), opened)
    const single = decodeOpenedFile(sent(encodeSingleDestination(3, first)))
    assert.deepEqual(single, { fid: 3, destinations: [first] })
  })
})

describe('the command of a request', () => {
  for (const [line, command] of [
    ['GET_PATHS::x', 'get_paths'],
    ['!Stats', '!stats'],
    ['/img/test', ''],
    ['noop', 'noop'],
  ] as const) {
    it(`is "${command}" in ${line}`, () => assert.equal(decodeRequest(line)?.command, command))
  }
})
