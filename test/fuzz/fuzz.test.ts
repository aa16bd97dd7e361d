import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatFinding, runTarget } from './run-target.ts'
import type { FuzzTarget } from './target.ts'
import { TARGETS } from './targets.ts'

const SEED = 20_261_127

describe('whatever comes', () => {
  for (const target of TARGETS) {
    it(target.name, async () => {
      const { findings, cases } = await runTarget(target, { seed: SEED, cases: target.cases.short })
      const texts = findings.map((finding) => formatFinding(target.name, finding))
      assert.equal(texts.join('\n'), '')
      assert.equal(cases, target.cases.short)
    })
  }
})

describe('a run', () => {
  const target = (check: (text: string) => void, maxMs = 1000): FuzzTarget => ({
    name: 'texts',
    cases: { short: 100, long: 100 },
    maxMs,
    open: () => ({ generate: (random) => `${'x'.repeat(random.below(50))}y`, check }),
  })
  const run = (target: FuzzTarget) => runTarget(target, { seed: 1, cases: 100 })

  it('makes a case that fails as small as it can', async () => {
    const { findings } = await run(target((text) => assert.ok(!text.includes('xxx'))))
    assert.equal(findings[0]?.text, 'xxx')
  })

  it('has the same cases again for the same seed', async () => {
    const seen: string[][] = [[], []]
    for (const texts of seen) await run(target((text) => void texts.push(text)))
    assert.equal(seen[0]?.length, 100)
    assert.deepEqual(seen[0], seen[1])
  })

  it('finds a case that takes too long', async () => {
    const { findings } = await run(
      target(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3), 1),
    )
    assert.match(findings[0]?.message ?? '', /it takes \d+ ms/)
  })
})
