import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  decodeServer,
  decodeServers,
  decodeStoreTarget,
  encodeOldServers,
  encodeServers,
  encodeStoreTarget,
  type ServerAddress,
} from '../../../src/wire/fastdfs/tracker-messages.ts'
import { hex } from '../../support/hex.ts'
import { isInvalidRef, isProtocolError } from '../../support/protocol-error.ts'

/** How a version of FastDFS lists servers: bytes of an address, and whether each has its port. */
interface Form {
  readonly addressBytes: 15 | 45
  readonly isPortForEach: boolean
}

const NEW_16: Form = { addressBytes: 15, isPortForEach: true }
const NEW_46: Form = { addressBytes: 45, isPortForEach: true }
const OLD_16: Form = { addressBytes: 15, isPortForEach: false }
const OLD_46: Form = { addressBytes: 45, isPortForEach: false }

/** A list as a tracker writes it, made without the code under test. */
function listBody(form: Form, servers: readonly ServerAddress[]): Buffer {
  const entries = servers.map(({ ipAddr, port }, index) => {
    const entry = Buffer.alloc(form.addressBytes + 8)
    entry.write(ipAddr)
    entry.writeBigInt64BE(BigInt(port), form.addressBytes)
    return form.isPortForEach || index === 0 ? entry : entry.subarray(0, form.addressBytes)
  })
  return Buffer.concat([Buffer.from('group1\0\0\0\0\0\0\0\0\0\0'), ...entries])
}

function serversOf(count: number): ServerAddress[] {
  return Array.from({ length: count }, (_, n) => ({ ipAddr: `10.20.30.${n + 100}`, port: 23_000 }))
}

function assertReads(form: Form, servers: readonly ServerAddress[], length?: number): void {
  const body = listBody(form, servers)
  if (length !== undefined) assert.equal(body.length, length)
  assert.deepEqual(decodeServers(body), { groupName: 'group1', servers })
}

const ONE_16_WIDE = hex(`
  67 72 6f 75 70 31 00 00 00 00 00 00 00 00 00 00  # group name: group1
  31 32 37 2e 30 2e 30 2e 32 00 00 00 00 00 00     # address: 127.0.0.2
  00 00 00 00 00 00 59 d8                          # port: 23000
`)

const ONE_46_WIDE = hex(`
  67 72 6f 75 70 31 00 00 00 00 00 00 00 00 00 00  # group name: group1
  66 65 38 30 3a 3a 31 00 00 00 00 00 00 00 00     # address: fe80::1
  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
  00 00 00 00 00 00 59 d8                          # port: 23000
`)

describe('one server (102, 103)', () => {
  it('comes 16 or 46 bytes wide', () => {
    const groupName = 'group1'
    const ipv4 = { groupName, servers: [{ ipAddr: '127.0.0.2', port: 23_000 }] }
    const ipv6 = { groupName, servers: [{ ipAddr: 'fe80::1', port: 23_000 }] }
    assert.deepEqual(decodeServer(ONE_16_WIDE), ipv4)
    assert.deepEqual(decodeServer(ONE_46_WIDE), ipv6)
    assert.deepEqual(encodeServers(ipv4, 16), ONE_16_WIDE)
    assert.deepEqual(encodeServers(ipv6, 46), ONE_46_WIDE)
  })

  it('may have an address and a group name that fill their fields', () => {
    const body = hex(`
      61 62 63 64 65 66 67 68 69 6a 6b 6c 6d 6e 6f 70  # group name: abcdefghijklmnop
      31 39 32 2e 31 36 38 2e 31 30 30 2e 31 30 30     # address: 192.168.100.100
      00 00 00 00 00 00 00 01                          # port: 1
    `)
    const servers = [{ ipAddr: '192.168.100.100', port: 1 }]
    assert.deepEqual(decodeServer(body), { groupName: 'abcdefghijklmnop', servers })
  })

  it('is refused in any other length', () => {
    for (const whole of [ONE_16_WIDE, ONE_46_WIDE]) {
      for (let length = 0; length < whole.length; length++) {
        assert.throws(() => decodeServer(whole.subarray(0, length)), isProtocolError, `${length}`)
      }
      assert.throws(() => decodeServer(Buffer.concat([whole, hex('00')])), isProtocolError)
      assert.throws(() => decodeServer(Buffer.concat([whole, whole])), isProtocolError)
    }
  })
})

describe('all servers (105)', () => {
  it('come in four forms, told apart by what they hold', () => {
    for (const form of [NEW_16, NEW_46, OLD_16, OLD_46]) {
      for (let count = 1; count <= 60; count++) assertReads(form, serversOf(count))
    }
  })

  it('of 69 bytes are one server 46 wide or three old ones 16 wide', () => {
    assertReads(NEW_46, serversOf(1), 69)
    assertReads(OLD_16, serversOf(3), 69)
  })

  it('of 114 and 159 bytes are two and three 46 wide or six and nine 16 wide, all old', () => {
    assertReads(OLD_46, serversOf(2), 114)
    assertReads(OLD_16, serversOf(6), 114)
    assertReads(OLD_46, serversOf(3), 159)
    assertReads(OLD_16, serversOf(9), 159)
  })

  it('of 384 bytes are eight, sixteen or twenty-four', () => {
    assertReads(OLD_46, serversOf(8), 384)
    assertReads(NEW_16, serversOf(16), 384)
    assertReads(OLD_16, serversOf(24), 384)
  })

  it('keep a port each since 6.16, and share the first one before', () => {
    const servers = [
      { ipAddr: '10.0.0.1', port: 23_000 },
      { ipAddr: '10.0.0.2', port: 23_001 },
    ]
    assertReads(NEW_16, servers, 62)
    const { servers: old } = decodeServers(listBody(OLD_16, servers))
    assert.deepEqual(old[1], { ipAddr: '10.0.0.2', port: 23_000 })
  })

  it('may be none', () => {
    const body = listBody(NEW_16, [])
    assert.deepEqual(decodeServers(body), { groupName: 'group1', servers: [] })
  })

  it('have addresses of any length in any form', () => {
    const plain = { noNullPrototype: true }
    const port = fc.integer({ min: 1, max: 65_535 })
    const ipv4 = fc.record({ ipAddr: fc.ipV4(), port }, plain)
    const either = fc.record({ ipAddr: fc.oneof(fc.ipV4(), fc.ipV6()), port }, plain)
    const list = (address: fc.Arbitrary<ServerAddress>) =>
      fc.array(address, { minLength: 1, maxLength: 30 })
    fc.assert(
      fc.property(list(ipv4), list(either), (narrow, wide) => {
        const samePort = (servers: readonly ServerAddress[]) =>
          servers.map(({ ipAddr }) => ({ ipAddr, port: servers[0]?.port ?? 0 }))
        assertReads(NEW_16, narrow)
        assertReads(NEW_46, wide)
        assertReads(OLD_16, samePort(narrow))
        assertReads(OLD_46, samePort(wide))
      }),
    )
  })

  it('are written as trackers since 6.16 write them', () => {
    const list = { groupName: 'group1', servers: serversOf(3) }
    assert.deepEqual(encodeServers(list, 16), listBody(NEW_16, list.servers))
    assert.deepEqual(encodeServers(list, 46), listBody(NEW_46, list.servers))
  })

  it('are written as trackers before 6.16 wrote them', () => {
    for (const count of [0, 1, 3]) {
      const list = { groupName: 'group1', servers: serversOf(count) }
      assert.deepEqual(encodeOldServers(list, 16), listBody(OLD_16, list.servers))
      assert.deepEqual(encodeOldServers(list, 46), listBody(OLD_46, list.servers))
    }
  })

  it('are refused with a port that is none, or without an address', () => {
    for (const form of [NEW_16, NEW_46, OLD_16, OLD_46]) {
      for (const port of [0, -1, 65_536, 2 ** 32 + 80]) {
        const body = listBody(form, [{ ipAddr: '10.0.0.1', port }])
        assert.throws(() => decodeServers(body), isProtocolError, `port ${port}`)
      }
      const nameless = listBody(form, [...serversOf(2), { ipAddr: '', port: 23_000 }])
      assert.throws(() => decodeServers(nameless), isProtocolError)
    }
  })

  it('are refused in a length that no form has', () => {
    const body = listBody(NEW_16, serversOf(2))
    const lengths = new Set([16, 39, 54, 62])
    for (let length = 0; length < body.length; length++) {
      if (lengths.has(length)) continue
      assert.throws(() => decodeServers(body.subarray(0, length)), isProtocolError, `${length}`)
    }
  })

  it('cannot be written with an address that is too long', () => {
    const servers = [{ ipAddr: '2001:db8:1:2:3:4:5:6', port: 23_000 }]
    assert.throws(() => encodeServers({ groupName: 'group1', servers }, 16), isInvalidRef)
    assert.throws(() => encodeServers({ groupName: 'a'.repeat(17), servers }, 46), isInvalidRef)
  })
})

describe('where to store (101, 104, 106, 107)', () => {
  it('is a list with a store path index behind it', () => {
    const body = Buffer.concat([ONE_16_WIDE, hex('ff')])
    const target = decodeStoreTarget(body)
    assert.deepEqual(target, { ...decodeServers(ONE_16_WIDE), storePathIndex: 255 })
    assert.deepEqual(encodeStoreTarget(target, 16), body)
  })

  it('comes in both widths for one and for many', () => {
    for (const [width, count, length] of [
      [16, 1, 40],
      [16, 2, 63],
      [46, 1, 70],
      [46, 2, 123],
    ] as const) {
      const target = { groupName: 'group1', servers: serversOf(count), storePathIndex: 1 }
      const body = encodeStoreTarget(target, width)
      assert.equal(body.length, length)
      assert.deepEqual(decodeStoreTarget(body), target)
    }
  })

  it('is refused when cut', () => {
    const body = Buffer.concat([ONE_46_WIDE, hex('00')])
    for (let length = 0; length < body.length; length++) {
      if (length === 17) continue // a group without servers
      assert.throws(() => decodeStoreTarget(body.subarray(0, length)), isProtocolError, `${length}`)
    }
  })
})
