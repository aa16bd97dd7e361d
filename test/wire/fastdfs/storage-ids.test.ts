import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseStorageIds } from '../../../src/wire/fastdfs/storage-ids.ts'

function addressesOf(addresses: string): readonly string[] | undefined {
  return parseStorageIds(`100001 group1 ${addresses}`)[0]?.ipAddrs
}

describe('storage ids', () => {
  it('are lines of id, group and address', () => {
    assert.deepEqual(
      parseStorageIds('100001 group4 127.0.0.22:23000\n100002\tgroup4  10.0.0.1\r\n'),
      [
        { id: 100_001, groupName: 'group4', ipAddrs: ['127.0.0.22'] },
        { id: 100_002, groupName: 'group4', ipAddrs: ['10.0.0.1'] },
      ],
    )
  })

  it('may have two addresses, with and without a port', () => {
    assert.deepEqual(addressesOf('10.0.0.1,192.168.0.1:23000'), ['10.0.0.1', '192.168.0.1'])
    assert.deepEqual(addressesOf('img1.example.com:23000'), ['img1.example.com'])
  })

  it('keep the colons of an IPv6 address', () => {
    assert.deepEqual(addressesOf('10.0.0.1,2001:db8::23'), ['10.0.0.1', '2001:db8::23'])
    assert.deepEqual(addressesOf('[2001:db8::23]:23000'), ['2001:db8::23'])
    assert.deepEqual(addressesOf('[2001:db8::23]'), ['2001:db8::23'])
  })

  it('skip what is no such line', () => {
    const lines = ['', '# 100001 group1 10.0.0.1', '100001', '100001 group1', 'x group1 10.0.0.1']
    assert.deepEqual(parseStorageIds(lines.join('\n')), [])
  })
})
