import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EdgeError } from '../../src/errors.ts'
import { LocationCache } from '../../src/resolver/location-cache.ts'

function setUp() {
  let now = 0
  const cache = new LocationCache<string>({
    maxEntries: 10,
    foundMs: 10_000,
    notFoundMs: 3000,
    staleAfterMs: 60_000,
    now: () => now,
    onStale: () => undefined,
  })
  const pass = (ms: number): void => {
    now += ms
  }
  return { cache, pass }
}

for (const found of ['a', null]) {
  test(`who wants nothing older is not given ${found ?? '"not found"'} of before`, async () => {
    const { cache, pass } = setUp()
    const get = async (maxAgeMs?: number) =>
      (await cache.get('k', async () => 'b', maxAgeMs === undefined ? {} : { maxAgeMs })).value
    await cache.get('k', async () => found)
    pass(999)
    assert.equal(await get(1000), found)
    pass(1)
    assert.equal(await get(), found)
    assert.equal(await get(1000), 'b')
    // The new answer is for everybody.
    assert.equal(await get(), 'b')
    assert.equal(await get(0), 'b')
  })
}

test('while nobody answers, what is older has to do', async () => {
  const { cache, pass } = setUp()
  await cache.get('k', async () => 'a')
  pass(5000)
  const load = () => Promise.reject(new EdgeError('no_tracker', 'none'))
  for (let i = 0; i < 2; i++) {
    const { value, isFresh } = await cache.get('k', load, { maxAgeMs: 1000 })
    assert.deepEqual([value, isFresh], ['a', false])
  }
})
