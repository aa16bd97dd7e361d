import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EdgeError } from '../../src/errors.ts'
import { LocationCache } from '../../src/resolver/location-cache.ts'

function setUp(options: { maxEntries?: number; staleAfterMs?: number } = {}) {
  let now = 0
  const stale: string[] = []
  const cache = new LocationCache<string>({
    maxEntries: 10,
    foundMs: 1000,
    notFoundMs: 100,
    staleAfterMs: 60_000,
    now: () => now,
    onStale: (key) => stale.push(key),
    ...options,
  })
  const pass = (ms: number): void => {
    now += ms
  }
  return { cache, stale, pass }
}

const noTracker = (): Promise<never> => Promise.reject(new EdgeError('no_tracker', 'none'))

test('what was found is remembered for foundMs', async () => {
  const { cache, pass } = setUp()
  assert.deepEqual(await cache.get('k', async () => 'a'), { value: 'a', isFresh: true })
  pass(999)
  assert.deepEqual(await cache.get('k', async () => 'b'), { value: 'a', isFresh: false })
  pass(1)
  assert.deepEqual(await cache.get('k', async () => 'b'), { value: 'b', isFresh: true })
})

test('"not found" is remembered for notFoundMs', async () => {
  const { cache, pass } = setUp()
  assert.deepEqual(await cache.get('k', async () => null), { value: null, isFresh: true })
  pass(99)
  assert.deepEqual(await cache.get('k', async () => 'b'), { value: null, isFresh: false })
  pass(1)
  assert.equal((await cache.get('k', async () => 'b')).value, 'b')
})

test('a failure is not remembered', async () => {
  const { cache } = setUp()
  await assert.rejects(cache.get('k', noTracker), { code: 'no_tracker' })
  assert.equal((await cache.get('k', async () => 'a')).value, 'a')
})

test('those who ask at the same time share one question', async () => {
  const { cache } = setUp()
  let asked = 0
  const load = async (): Promise<string> => {
    asked += 1
    return 'a'
  }
  await Promise.all([cache.get('k', load), cache.get('k', load), cache.get('other', load)])
  assert.equal(asked, 2)
})

test('isFresh asks although something is remembered', async () => {
  const { cache } = setUp()
  await cache.get('k', async () => 'a')
  const fresh = await cache.get('k', async () => 'b', { isFresh: true })
  assert.deepEqual(fresh, { value: 'b', isFresh: true })
})

test('past its time it still serves when no tracker answers, and says so', async () => {
  const { cache, stale, pass } = setUp()
  await cache.get('k', async () => 'a')
  pass(5000)
  assert.deepEqual(await cache.get('k', noTracker), { value: 'a', isFresh: false })
  assert.deepEqual(stale, ['k'])
})

test('past its time it serves after a short wait when a tracker hangs', async () => {
  const { cache, stale, pass } = setUp({ staleAfterMs: 5 })
  await cache.get('k', async () => 'a')
  pass(5000)
  const hang = (): Promise<never> => new Promise(() => undefined)
  assert.deepEqual(await cache.get('k', hang), { value: 'a', isFresh: false })
  assert.deepEqual(stale, ['k'])
})

test('any other failure comes out', async () => {
  const { cache, pass } = setUp()
  await cache.get('k', async () => 'a')
  pass(5000)
  const fail = (): Promise<never> => Promise.reject(new EdgeError('refused_by_server', 'none'))
  await assert.rejects(cache.get('k', fail), { code: 'refused_by_server' })
})

test('a fallback serves what was never found', async () => {
  const { cache } = setUp()
  const got = await cache.get('k', noTracker, { fallback: () => 'group' })
  assert.deepEqual(got, { value: 'group', isFresh: false })
})

test('holds no more than maxEntries', async () => {
  const { cache } = setUp({ maxEntries: 3 })
  for (const key of ['a', 'b', 'c', 'd']) await cache.get(key, async () => key)
  assert.equal(cache.size, 3)
})

test('while a tracker hangs only one request in a while waits', async () => {
  const { cache, pass } = setUp({ staleAfterMs: 5 })
  await cache.get('k', async () => 'a')
  pass(5000)
  let asked = 0
  const hang = (): Promise<never> => {
    asked += 1
    return new Promise(() => undefined)
  }
  await cache.get('k', hang)
  assert.equal(cache.peek('k'), 'a')
  pass(1000)
  assert.equal(cache.peek('k'), undefined)
  assert.equal(asked, 1)
})

test('a location that is known to be wrong does not serve longer', async () => {
  const { cache, pass } = setUp()
  await cache.get('k', async () => 'a')
  pass(5000)
  await cache.get('k', noTracker, { isFresh: true })
  assert.equal(cache.peek('k'), undefined)
})

test('what is deleted while it is asked for is not remembered, and nobody joins the question', async () => {
  for (const forget of ['delete', 'deleteWhere'] as const) {
    const { cache } = setUp()
    const old = Promise.withResolvers<string>()
    const early = cache.get('k', () => old.promise)
    if (forget === 'delete') assert.equal(cache.delete('k'), false)
    else
      assert.deepEqual(
        cache.deleteWhere((key) => key === 'k'),
        [],
      )
    const late = cache.get('k', async () => 'new')
    assert.equal((await late).value, 'new')
    old.resolve('old')
    assert.equal((await early).value, 'old')
    assert.equal(cache.peek('k'), 'new')
  }
})

test('an old answer of those who are down does not come back after it was deleted', async () => {
  const { cache, pass } = setUp()
  await cache.get('k', async () => 'a')
  pass(5000)
  const down = Promise.withResolvers<string>()
  const early = cache.get('k', () => down.promise)
  assert.equal(cache.delete('k'), true)
  down.reject(new EdgeError('no_tracker', 'none'))
  assert.equal((await early).value, 'a')
  assert.equal(cache.peek('k'), undefined)
})

test('deleteWhere tells what was remembered', async () => {
  const { cache } = setUp()
  for (const key of ['a1', 'a2', 'b1']) await cache.get(key, async () => null)
  assert.deepEqual(cache.deleteWhere((key) => key.startsWith('a')).toSorted(), ['a1', 'a2'])
  assert.deepEqual([...cache.entries()], [['b1', null]])
})
