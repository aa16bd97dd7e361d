import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  decodeGroupStats,
  decodeStorageIdsPage,
  decodeStorageIdsRequest,
  decodeStorageStats,
  encodeGroupStats,
  encodeStorageIdsPage,
  encodeStorageIdsRequest,
  encodeStorageStats,
  type GroupStat,
  READ_WRITE,
  type StorageStat,
  storageStatusName,
  zeroCounters,
} from '../../../src/wire/fastdfs/tracker-messages.ts'
import { hex } from '../../support/hex.ts'
import { isProtocolError } from '../../support/protocol-error.ts'

// Records put together field by field, without the tables under test.

function words(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * 8)
  values.forEach((value, index) => {
    buffer.writeBigInt64BE(BigInt(value), index * 8)
  })
  return buffer
}

function padded(value: string, size: number): Buffer {
  return Buffer.concat([Buffer.from(value)], size)
}

function groupRecord(name: string, isOld: boolean): Buffer {
  const space = isOld ? words(1000, 600, 7) : words(1000, 600, 50, 7)
  return Buffer.concat([padded(name, 17), space, words(2, 23_000, 2, 1, 0, 3, 256, -1)])
}

function groupOf(groupName: string, reservedMb: number): GroupStat {
  return {
    groupName,
    totalMb: 1000,
    freeMb: 600,
    reservedMb,
    trunkFreeMb: 7,
    storageCount: 2,
    storagePort: 23_000,
    readableServerCount: 2,
    writableServerCount: 1,
    currentWriteServer: 0,
    storePathCount: 3,
    subdirCountPerPath: 256,
    currentTrunkFileId: -1,
  }
}

describe('groups (90, 91)', () => {
  it('have 113 bytes', () => {
    const body = Buffer.concat([groupRecord('group1', false), groupRecord('group2', false)])
    const groups = [groupOf('group1', 50), groupOf('group2', 50)]
    assert.equal(body.length, 2 * 113)
    assert.deepEqual(decodeGroupStats(body), groups)
    assert.deepEqual(encodeGroupStats(groups), body)
  })

  it('had 105 bytes up to 6.13.0', () => {
    const body = Buffer.concat([groupRecord('group1', true), groupRecord('group2', true)])
    assert.equal(body.length, 2 * 105)
    assert.deepEqual(decodeGroupStats(body), [groupOf('group1', 0), groupOf('group2', 0)])
  })

  it('of a length that both divide are told apart by the second name', () => {
    const names = (count: number) => Array.from({ length: count }, (_, n) => `group${n}`)
    const old = Buffer.concat(names(113).map((name) => groupRecord(name, true)))
    const recent = Buffer.concat(names(105).map((name) => groupRecord(name, false)))
    assert.equal(old.length, recent.length)
    assert.deepEqual(
      decodeGroupStats(old).map(({ groupName }) => groupName),
      names(113),
    )
    assert.deepEqual(
      decodeGroupStats(recent).map(({ groupName }) => groupName),
      names(105),
    )
  })

  it('up to 6.12 hold an HTTP port where the readable servers are counted now', () => {
    const body = groupRecord('group1', true)
    words(8080).copy(body, 17 + 5 * 8)
    assert.deepEqual(decodeGroupStats(body), [{ ...groupOf('group1', 0), readableServerCount: 1 }])
  })

  it('may be none', () => assert.deepEqual(decodeGroupStats(Buffer.alloc(0)), []))

  it('are refused when cut', () => {
    const body = groupRecord('group1', false)
    for (let length = 1; length < body.length; length++) {
      if (length === 105) continue // an old record by its length
      assert.throws(() => decodeGroupStats(body.subarray(0, length)), isProtocolError, `${length}`)
    }
  })
})

interface StorageForm {
  readonly size: number
  readonly ip: 16 | 46
  readonly version: 6 | 8
  readonly hasDomainName: boolean
  readonly hasReservedMb: boolean
}

const FORMS: Readonly<Record<string, StorageForm>> = {
  '5.04 to 6.10': { size: 612, ip: 16, version: 6, hasDomainName: true, hasReservedMb: false },
  '6.11': { size: 642, ip: 46, version: 6, hasDomainName: true, hasReservedMb: false },
  '6.12': { size: 644, ip: 46, version: 8, hasDomainName: true, hasReservedMb: false },
  '6.13.0': { size: 509, ip: 46, version: 8, hasDomainName: false, hasReservedMb: false },
  '6.13.2 and later': { size: 517, ip: 46, version: 8, hasDomainName: false, hasReservedMb: true },
  '6.15 and later, IPv4': {
    size: 487,
    ip: 16,
    version: 8,
    hasDomainName: false,
    hasReservedMb: true,
  },
}

/** Counters that are each other than the next: connections 1 to 3, then 4 to 45. */
const COUNTERS = Buffer.concat([
  hex('00 00 00 01  00 00 00 02  00 00 00 03'),
  words(...Array.from({ length: 42 }, (_, index) => index + 4)),
])

function storageRecord(form: StorageForm, ipAddr: string): Buffer {
  return Buffer.concat([
    form.hasDomainName ? hex('07') : hex('07 04'),
    padded('100001', 16),
    padded(ipAddr, form.ip),
    padded(form.hasDomainName ? 'img.example.com' : '', form.hasDomainName ? 128 : 0),
    padded('100002', 16),
    padded('6.1', form.version),
    words(1_700_000_000, 1_700_000_100, 1000, 600),
    form.hasReservedMb ? words(50) : Buffer.alloc(0),
    words(10, 2, 256, 1, 23_000),
    form.hasDomainName ? words(8888) : Buffer.alloc(0),
    COUNTERS,
    hex('01'),
  ])
}

function storageOf(form: StorageForm, ipAddr: string): Omit<StorageStat, 'counters'> {
  return {
    status: 7,
    rwMode: form.hasDomainName ? READ_WRITE : 4,
    id: '100001',
    ipAddr,
    srcId: '100002',
    version: '6.1',
    joinTime: 1_700_000_000,
    upTime: 1_700_000_100,
    totalMb: 1000,
    freeMb: 600,
    reservedMb: form.hasReservedMb ? 50 : 0,
    uploadPriority: 10,
    storePathCount: 2,
    subdirCountPerPath: 256,
    currentWritePath: 1,
    storagePort: 23_000,
    isTrunkServer: 1,
  }
}

/** What dfs-edge reads of a storage; old versions have more. */
function withoutCounters(stat: StorageStat): Record<string, unknown> {
  const { counters: _counters, ...others } = stat
  return Object.fromEntries(
    Object.entries(others).filter(([name]) => !['domainName', 'storageHttpPort'].includes(name)),
  )
}

describe('storages (92)', () => {
  for (const [version, form] of Object.entries(FORMS)) {
    it(`have ${form.size} bytes in ${version}`, () => {
      const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3']
      const body = Buffer.concat(addresses.map((ipAddr) => storageRecord(form, ipAddr)))
      assert.equal(body.length, 3 * form.size)
      const expected = addresses.map((ipAddr) => storageOf(form, ipAddr))
      for (const count of [3, undefined, 2]) {
        const storages = decodeStorageStats(body, count)
        assert.deepEqual(storages.map(withoutCounters), expected)
        assert.equal(storages[2]?.counters.connectionAllocCount, 1)
        assert.equal(storages[2]?.counters.totalUploadCount, 4)
        assert.equal(storages[2]?.counters.lastHeartBeatTime, 45)
      }
    })
  }

  it('are written as they are read, in both widths of today', () => {
    for (const [version, width] of [
      ['6.15 and later, IPv4', 16],
      ['6.13.2 and later', 46],
    ] as const) {
      const form = FORMS[version]
      assert.ok(form)
      const body = storageRecord(form, '10.0.0.1')
      assert.deepEqual(encodeStorageStats(decodeStorageStats(body), width), body)
    }
  })

  it('of a length that two forms divide are told apart by their number', () => {
    const form = FORMS['6.13.2 and later']
    assert.ok(form)
    // 487 records of 517 bytes are as long as 517 of 487.
    const record = storageRecord(form, 'fe80::1')
    const body = Buffer.concat(Array.from({ length: 487 }, () => record))
    assert.equal(decodeStorageStats(body, 487).length, 487)
    assert.equal(decodeStorageStats(body, 487)[486]?.ipAddr, 'fe80::1')
  })

  it('may be none', () => {
    assert.deepEqual(decodeStorageStats(Buffer.alloc(0)), [])
    assert.deepEqual(decodeStorageStats(Buffer.alloc(0), 2), [])
  })

  it('are refused when cut', () => {
    const form = FORMS['6.12']
    assert.ok(form)
    const body = storageRecord(form, '10.0.0.1')
    const sizes = Object.values(FORMS).map(({ size }) => size)
    for (let length = 1; length < body.length; length++) {
      if (sizes.includes(length)) continue
      const cut = body.subarray(0, length)
      assert.throws(() => decodeStorageStats(cut, 1), isProtocolError, `${length}`)
    }
  })

  it('have a state with a name', () => {
    assert.equal(storageStatusName(7), 'ACTIVE')
    assert.equal(storageStatusName(8), '8')
  })

  it('begin with counters of zero', () => {
    assert.deepEqual(new Set(Object.values(zeroCounters())), new Set([0]))
  })
})

describe('storage ids (69)', () => {
  it('are asked for by the index to begin with', () => {
    const body = hex(`
      00 00 00 07  # start index: 7
      01           # an empty answer is allowed
    `)
    assert.deepEqual(encodeStorageIdsRequest(7), body)
    assert.equal(decodeStorageIdsRequest(body), 7)
  })

  it('come as a page of text', () => {
    const page = { totalCount: 2, currentCount: 1, text: '100001 group1 10.0.0.1:23000\n' }
    const head = hex('00 00 00 02  00 00 00 01')
    const body = Buffer.concat([head, Buffer.from(page.text)])
    assert.deepEqual(decodeStorageIdsPage(body), page)
    assert.deepEqual(encodeStorageIdsPage(page), body)
    assert.throws(() => decodeStorageIdsPage(body.subarray(0, 7)), isProtocolError)
  })
})
