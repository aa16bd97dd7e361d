import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EdgeEvent } from '../../src/client/events.ts'
import { HostHealth } from '../../src/client/host-health.ts'
import type { MogilefsFile, MogilefsLookup } from '../../src/client/mogilefs-file.ts'
import { EdgeError } from '../../src/errors.ts'
import { AddressMap } from '../../src/resolver/address-map.ts'
import { MogilefsResolver } from '../../src/resolver/mogilefs-resolver.ts'
import type { MogilefsRef } from '../../src/resolver/resolver.ts'
import type { FidUrl } from '../../src/wire/mogilefs/fid-path.ts'

const TEST: MogilefsRef = { system: 'mogilefs', domain: 'img', key: 'test' }
const LOCATION_MS = 10_000
const NOT_FOUND_MS = 3000

function copy(fid: number, devid: number): FidUrl {
  return { host: `10.0.0.${devid}`, port: 7500, devid, fid }
}

function file(fid: number, change: Partial<MogilefsFile> = {}): MogilefsFile {
  return { fid, length: 13, copies: [copy(fid, 1), copy(fid, 2)], checksum: null, ...change }
}

interface FixtureOptions {
  readonly addressMap?: AddressMap
  readonly isUnreachable?: (devid: number) => boolean
}

/** A resolver whose one source says what the test says. */
class Fixture {
  readonly resolver: MogilefsResolver
  readonly asked: string[] = []
  readonly sizesAsked: string[] = []
  readonly events: EdgeEvent[] = []
  readonly health: HostHealth
  now = 0
  says: MogilefsLookup | EdgeError = file(3)
  primarySays: MogilefsLookup | EdgeError | undefined
  sizes: readonly (number | null)[] = []
  copies: readonly FidUrl[] = []

  constructor(options: FixtureOptions = {}) {
    this.health = new HostHealth({ recoverMs: 10_000, now: () => this.now })
    const answer = async <T>(what: string, says: T | EdgeError): Promise<T> => {
      this.asked.push(what)
      if (says instanceof EdgeError) throw says
      return says
    }
    this.resolver = new MogilefsResolver({
      sources: [
        {
          locate: async ({ key }) => ({
            lookup: await answer(key, this.says),
            isAuthoritative: false,
          }),
          locateOnPrimary: ({ key }) => answer(`primary ${key}`, this.primarySays),
          copiesOf: (fid) => answer(`fid ${fid}`, this.copies),
        },
      ],
      http: {
        open: async () => null,
        size: async ({ host }) => {
          const size = this.sizes[this.sizesAsked.length] ?? null
          this.sizesAsked.push(host)
          return size
        },
      },
      addressMap: options.addressMap ?? new AddressMap([]),
      isUnreachable: options.isUnreachable ?? (() => false),
      health: this.health,
      hedgeMs: 1000,
      locationMs: LOCATION_MS,
      notFoundMs: NOT_FOUND_MS,
      contentMs: 300_000,
      maxEntries: 100,
      staleAfterMs: 1000,
      now: () => this.now,
      observe: (event) => this.events.push(event),
    })
  }

  async hosts(): Promise<readonly string[]> {
    const found = await this.resolver.resolve(TEST)
    return (found?.replicas ?? []).map(({ host }) => host)
  }
}

describe('a key', () => {
  it('stands for a fid: its etag, its size and its devices', async () => {
    const { resolver } = new Fixture()
    const found = await resolver.resolve(TEST)
    assert.deepEqual(found?.facts, {
      size: 13,
      modified: null,
      etag: '"3"',
      isImmutable: true,
      isPermanent: false,
      checksum: null,
    })
    assert.deepEqual(
      found?.replicas.map(({ place }) => place),
      ['10.0.0.1:7500/dev1', '10.0.0.2:7500/dev2'],
    )
    assert.equal(found?.isConfirmed, true)
  })

  it('is remembered for a while, and then asked for again', async () => {
    const fixture = new Fixture()
    await fixture.resolver.resolve(TEST)
    fixture.now = LOCATION_MS - 1
    await fixture.resolver.resolve(TEST)
    assert.deepEqual(fixture.asked, ['test'])
    fixture.now = LOCATION_MS
    fixture.says = file(4)
    const found = await fixture.resolver.resolve(TEST)
    assert.equal(found?.facts.etag, '"4"')
  })

  it('is asked for once by all who want it at the same time', async () => {
    const { resolver, asked } = new Fixture()
    await Promise.all([resolver.resolve(TEST), resolver.resolve(TEST), resolver.resolve(TEST)])
    assert.deepEqual(asked, ['test'])
  })

  it('shares facts and content with the keys that are alike to the database', async () => {
    const { resolver } = new Fixture()
    const plain = await resolver.resolve(TEST)
    const upper = await resolver.resolve({ ...TEST, key: 'TEST' })
    assert.equal(upper?.facts, plain?.facts)
    assert.equal(upper?.contentKey, plain?.contentKey)
    assert.equal(resolver.contentKey({ ...TEST, key: 'TEST' }), plain?.contentKey)
  })

  it('tells its content without asking while it is remembered', async () => {
    const fixture = new Fixture()
    assert.equal(fixture.resolver.contentKey(TEST), undefined)
    const found = await fixture.resolver.resolve(TEST)
    assert.equal(fixture.resolver.contentKey(TEST), found?.contentKey)
    fixture.now = LOCATION_MS
    assert.equal(fixture.resolver.contentKey(TEST), undefined)
  })

  it('has other content under another fid', async () => {
    const fixture = new Fixture()
    const before = await fixture.resolver.resolve(TEST)
    fixture.now = LOCATION_MS
    fixture.says = file(4)
    const after = await fixture.resolver.resolve(TEST)
    assert.notEqual(after?.contentKey, before?.contentKey)
  })
})

describe('a key that is not there', () => {
  it('is remembered shortly', async () => {
    const fixture = new Fixture()
    fixture.says = 'no_key'
    assert.equal(await fixture.resolver.resolve(TEST), null)
    assert.equal(await fixture.resolver.resolve(TEST), null)
    assert.deepEqual(fixture.asked, ['test', 'primary test'])
    fixture.now = NOT_FOUND_MS
    fixture.says = file(3)
    assert.ok(await fixture.resolver.resolve(TEST))
  })

  it('in an unknown domain is not remembered at all', async () => {
    const fixture = new Fixture()
    fixture.says = 'no_domain'
    assert.equal(await fixture.resolver.resolve(TEST), null)
    fixture.says = file(3)
    assert.ok(await fixture.resolver.resolve(TEST))
  })
})

describe('a key that nobody can look up', () => {
  it('is no 404', async () => {
    const fixture = new Fixture()
    fixture.says = new EdgeError('no_tracker', 'down')
    await assert.rejects(fixture.resolver.resolve(TEST), { code: 'no_tracker' })
  })

  it('is served from what was found before', async () => {
    const fixture = new Fixture()
    await fixture.resolver.resolve(TEST)
    fixture.now = LOCATION_MS * 10
    fixture.says = new EdgeError('no_tracker', 'down')
    const found = await fixture.resolver.resolve(TEST)
    assert.equal(found?.facts.etag, '"3"')
    assert.deepEqual(
      fixture.events.map(({ type }) => type),
      ['stale_location'],
    )
  })

  it('is no 404 where its copies are gone and the primary is down', async () => {
    const fixture = new Fixture()
    await fixture.resolver.resolve(TEST)
    fixture.says = new EdgeError('no_tracker', 'down')
    fixture.primarySays = new EdgeError('no_tracker', 'down')
    await assert.rejects(fixture.resolver.resolve(TEST, { isFresh: true }), { code: 'no_tracker' })
  })
})

describe('copies', () => {
  it('none: the file is there but cannot be read now', async () => {
    const fixture = new Fixture()
    fixture.says = file(3, { copies: [] })
    await assert.rejects(fixture.resolver.resolve(TEST), { code: 'no_replica' })
    fixture.says = file(3)
    assert.ok(await fixture.resolver.resolve(TEST))
  })

  it('come in the order of the source, failing hosts last', async () => {
    const fixture = new Fixture()
    assert.deepEqual(await fixture.hosts(), ['10.0.0.1:7500', '10.0.0.2:7500'])
    fixture.health.failed('10.0.0.1:7500')
    assert.deepEqual(await fixture.hosts(), ['10.0.0.2:7500', '10.0.0.1:7500'])
  })

  it('on devices that the trackers see down come last', async () => {
    const fixture = new Fixture({ isUnreachable: (devid) => devid === 1 })
    assert.deepEqual(await fixture.hosts(), ['10.0.0.2:7500', '10.0.0.1:7500'])
  })

  it('are reached where the address map says', async () => {
    const addressMap = new AddressMap([
      { from: { host: '10.0.0.1', port: 7500 }, to: { host: '127.0.0.1', port: 17_500 } },
    ])
    const fixture = new Fixture({ addressMap })
    assert.deepEqual(await fixture.hosts(), ['127.0.0.1:17500', '10.0.0.2:7500'])
  })

  it('that are gone make the primary be asked, past what is remembered', async () => {
    const fixture = new Fixture()
    const cached = await fixture.resolver.resolve(TEST)
    assert.equal(cached?.isFresh, false)
    fixture.primarySays = file(4)
    const fresh = await fixture.resolver.resolve(TEST, { isFresh: true })
    assert.equal(fresh?.facts.etag, '"4"')
    assert.equal(fresh?.isFresh, true)
    assert.deepEqual(fixture.asked, ['test', 'primary test'])
  })
})

describe('a length that only the copies know', () => {
  it('is asked of them', async () => {
    const fixture = new Fixture()
    fixture.says = file(3, { length: null })
    fixture.sizes = [null, 77]
    const found = await fixture.resolver.resolve(TEST)
    assert.equal(found?.facts.size, 77)
    assert.deepEqual(fixture.sizesAsked, ['10.0.0.1', '10.0.0.2'])
  })

  it('and where none has the file, it is looked up anew before it is "not found"', async () => {
    const fixture = new Fixture()
    fixture.says = file(3, { length: null })
    fixture.primarySays = 'no_key'
    assert.equal(await fixture.resolver.resolve(TEST), null)
    assert.deepEqual(fixture.asked, ['test', 'primary test'])
  })
})

describe('a purge', () => {
  const named = (key: string): MogilefsRef => ({ ...TEST, key })

  it('reaches every spelling of a key that leads to its fid', async () => {
    const fixture = new Fixture()
    const { resolver } = fixture
    for (const key of ['test', 'TEST', 'tést']) await resolver.resolve(named(key))
    fixture.says = file(4)
    await resolver.resolve(named('other'))
    fixture.asked.length = 0
    const { refs, ...rest } = resolver.forget(named('Test'))
    assert.deepEqual([...refs].sort(), ['/img/TEST', '/img/test', '/img/tést'])
    assert.deepEqual(rest, {
      contents: [{ key: 'fid 3', size: 13 }],
      contentPrefix: null,
    })
    for (const key of ['test', 'TEST', 'tést', 'other']) await resolver.resolve(named(key))
    assert.deepEqual(fixture.asked, ['test', 'TEST', 'tést'])
  })

  it('reaches the "no" to a spelling', async () => {
    const fixture = new Fixture()
    fixture.says = 'no_key'
    assert.equal(await fixture.resolver.resolve(named('TEST')), null)
    fixture.says = file(3)
    assert.deepEqual(fixture.resolver.forget(TEST).refs, ['/img/TEST'])
    assert.ok(await fixture.resolver.resolve(named('TEST')))
  })

  it('of a prefix reaches the keys below it, and others that lead to the same content', async () => {
    const fixture = new Fixture()
    const { resolver } = fixture
    await resolver.resolve(named('seller/1'))
    await resolver.resolve(named('Seller/1'))
    fixture.says = file(4)
    await resolver.resolve(named('sellers'))
    const prefix = { system: 'mogilefs', prefix: '/img/seller/' } as const
    const { refs, ...rest } = resolver.forgetPrefix(prefix)
    assert.deepEqual([...refs].sort(), ['/img/Seller/1', '/img/seller/1'])
    assert.deepEqual(rest, {
      contents: [{ key: 'fid 3', size: 13 }],
      contentPrefix: null,
    })
    assert.ok(resolver.contentKey(named('sellers')))
  })
})

describe('a fid that nginx was told of by another edge', () => {
  const pinned: MogilefsRef = { ...TEST, fid: 2 }

  it('is found by its copies, though its key has another one by now', async () => {
    const fixture = new Fixture()
    fixture.copies = [copy(2, 1)]
    fixture.sizes = [99]
    const found = await fixture.resolver.resolve(pinned)
    assert.equal(found?.facts.etag, '"2"')
    assert.equal(found?.facts.size, 99)
    assert.deepEqual(
      found?.replicas.map(({ place }) => place),
      ['10.0.0.1:7500/dev1'],
    )
    assert.deepEqual(fixture.asked, ['test', 'primary test', 'test', 'fid 2'])
  })

  it('is not there once its copies are gone', async () => {
    const fixture = new Fixture()
    assert.equal(await fixture.resolver.resolve(pinned), null)
    fixture.copies = [copy(2, 1)]
    fixture.sizes = [null]
    assert.equal(await fixture.resolver.resolve(pinned), null)
  })
})
