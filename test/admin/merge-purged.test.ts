import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergePurged } from '../../src/admin/merge-purged.ts'

test('what processes have dropped adds up, and what nginx may have is named once', () => {
  const one = {
    locations: 1,
    objects: 2,
    nginx: {
      contents: [
        { key: 'a', size: null },
        { key: 'b', size: 5 },
      ],
      prefixes: ['p'],
    },
  }
  const other = {
    locations: 10,
    objects: 20,
    nginx: { contents: [{ key: 'a', size: 7 }], prefixes: ['p', 'q'] },
  }
  assert.deepEqual(mergePurged([one, undefined, other]), {
    locations: 11,
    objects: 22,
    nginx: {
      contents: [
        { key: 'a', size: 7 },
        { key: 'b', size: 5 },
      ],
      prefixes: ['p', 'q'],
    },
  })
})

test('a target that means nothing to any of them means nothing', () => {
  assert.equal(mergePurged([undefined, undefined]), undefined)
})
