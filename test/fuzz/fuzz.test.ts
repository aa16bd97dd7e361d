import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findRareOutcomes, formatFinding, runTarget } from './run-target.ts'
import type { FuzzTarget, OpenTarget } from './target.ts'
import { TARGETS } from './targets.ts'

const SEED = 20_261_127

describe('whatever comes', () => {
  for (const target of TARGETS) {
    it(target.name, async (t) => {
      const run = await runTarget(target, { seed: SEED, cases: target.cases.short })
      const { findings, cases, slowest } = run
      t.diagnostic(`the slowest: case ${slowest.index}, ${slowest.ms.toFixed(1)} ms`)
      const texts = findings.map((finding) => formatFinding(target.name, finding))
      assert.equal(texts.join('\n'), '')
      assert.equal(cases, target.cases.short)
      assert.ok(target.maxMs <= 1000, 'a hang over a second')
      assert.deepEqual(findRareOutcomes(target, run), [])
    })
  }
})

describe('a run', () => {
  const target = (check: OpenTarget['check'], maxMs = 1000): FuzzTarget => ({
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
    for (const texts of seen) {
      const check = (text: string): void => void texts.push(text)
      await run(target(check))
    }
    // The slowest are timed once more.
    const [first = [], second = []] = seen.map((texts) => texts.slice(0, 100))
    assert.equal(first.length, 100)
    assert.deepEqual(first, second)
  })

  it('finds a case that takes too long', async () => {
    const { findings } = await run(target(() => block(3), 1))
    assert.match(findings[0]?.message ?? '', /it takes \d+ ms/)
    assert.equal(findings[0]?.text, '')
  })

  it('does not blame a case for what others take beside it', async () => {
    const slow = target(async () => {
      block(2)
      await new Promise((resolve) => setImmediate(resolve))
    }, 10)
    const { findings, slowest } = await run({ ...slow, parallel: 8 })
    assert.deepEqual(findings, [])
    assert.ok(slowest.ms >= 2, `${slowest.ms}`)
  })
})

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}
