import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HostHealth } from '../../src/client/host-health.ts'
import {
  type Facts,
  type Found,
  NOTHING_FORGOTTEN,
  type Ref,
  type ReplicaBody,
  type Resolver,
} from '../../src/resolver/resolver.ts'
import { ByteBudget } from '../../src/transfer/byte-budget.ts'
import { FileTransfer } from '../../src/transfer/file-transfer.ts'
import { ObjectCache } from '../../src/transfer/object-cache.ts'
import { purgeSuite } from '../suites/purge.ts'
import { readAll } from '../suites/store-stack.ts'
import { startFastdfs } from '../support/edge-stack.ts'
import { startMogilefs } from '../support/mogilefs-stack.ts'
import { waitFor } from '../support/wait-for.ts'

purgeSuite('FastDFS', startFastdfs)
purgeSuite('MogileFS', startMogilefs)

const { signal } = new AbortController()
const REF: Ref = { system: 'mogilefs', domain: 'img', key: 'a.jpg' }
const FACTS: Facts = {
  size: 3,
  modified: null,
  etag: '"1"',
  isImmutable: true,
  isPermanent: true,
  checksum: null,
}

/** One replica, whose downloads end when the test says so. */
class HeldReplica implements Resolver {
  readonly downloads: PromiseWithResolvers<Buffer | null>[] = []
  readonly heard: string[] = []
  readonly transfer: FileTransfer
  readonly contentKey = (): string => 'fid 1'
  readonly forgetPrefix = () => NOTHING_FORGOTTEN
  readonly forget = () => ({ ...NOTHING_FORGOTTEN, contents: [{ key: 'fid 1', size: 3 }] })

  constructor({ maxBytes }: { maxBytes: number }) {
    const now = (): number => 0
    this.transfer = new FileTransfer({
      resolver: this,
      objectCache: new ObjectCache({ maxBytes: 10_000, maxObjectBytes: 100, now }),
      budget: new ByteBudget(1000),
      verifyMaxBytes: maxBytes,
      sharedRangeMaxBytes: 0,
      health: new HostHealth({ recoverMs: 1000, now }),
      hedgeMs: 60_000,
      minRate: 0,
      observe: () => undefined,
    })
  }

  async resolve(): Promise<Found> {
    const place = { host: 'a:1', place: 'a:1', open: () => this.#download() }
    const known = {
      facts: FACTS,
      contentKey: 'fid 1',
      keepMs: 1000,
      source: null,
      isChanging: false,
    }
    const asked = { isConfirmed: true, isFresh: true, isExhaustive: true }
    return { ...known, ...asked, replicas: [place], cache: 'miss' }
  }

  confirm(): void {
    this.heard.push('confirmed')
  }

  rememberNotFound(): void {
    this.heard.push('not found')
  }

  async untilAsked(times: number): Promise<void> {
    await waitFor(`download ${times}`, () => this.downloads.length === times)
  }

  async #download(): Promise<ReplicaBody | null> {
    const held = Promise.withResolvers<Buffer | null>()
    this.downloads.push(held)
    const bytes = await held.promise
    const chunks = async function* () {
      if (bytes !== null) yield bytes
    }
    return bytes && { length: bytes.length, chunks: chunks(), cancel: () => undefined }
  }
}

test('a download that was under way is not kept, and nobody joins it after the purge', async () => {
  const held = new HeldReplica({ maxBytes: 100 })
  const open = async () => readAll(await held.transfer.open(REF, null, { signal }))
  const early = open()
  await held.untilAsked(1)
  held.transfer.forget(REF)
  const late = open()
  await held.untilAsked(2)
  held.downloads[0]?.resolve(Buffer.from('old'))
  assert.equal(`${await early}`, 'old')
  assert.equal(held.transfer.peek(REF), undefined)
  assert.deepEqual(held.heard, [])
  held.downloads[1]?.resolve(Buffer.from('new'))
  assert.equal(`${await late}`, 'new')
  assert.equal(`${held.transfer.peek(REF)?.body}`, 'new')
  assert.deepEqual(held.heard, ['confirmed'])
})

for (const [what, bytes] of [
  ['a stream', Buffer.from('old')],
  ['"not found"', null],
] as const) {
  test(`${what} that was under way is not remembered`, async () => {
    const held = new HeldReplica({ maxBytes: 0 })
    const early = held.transfer.open(REF, null, { signal })
    await held.untilAsked(1)
    held.transfer.forgetPrefix({ system: 'mogilefs', prefix: '/img/' })
    held.downloads[0]?.resolve(bytes)
    await early
    assert.deepEqual(held.heard, [])
    const late = held.transfer.open(REF, null, { signal })
    await held.untilAsked(2)
    held.downloads[1]?.resolve(bytes)
    await late
    assert.deepEqual(held.heard, [bytes === null ? 'not found' : 'confirmed'])
  })
}
