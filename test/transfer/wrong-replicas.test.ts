import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WrongReplicas } from '../../src/transfer/wrong-replicas.ts'

const REPLICAS = [{ place: 'a' }, { place: 'b' }]
const FIRST_AND_LAST = ['file 0', 'file 10000']

describe('replicas that gave wrong bytes', () => {
  const wrong = new WrongReplicas()

  it('are asked last, for that file', () => {
    wrong.add('file 0', 'a')
    assert.deepEqual(wrong.demote('file 0', REPLICAS), REPLICAS.toReversed())
    assert.deepEqual(wrong.demote('file 1', REPLICAS), REPLICAS)
  })

  it('are remembered for the last ten thousand', () => {
    for (let file = 1; file <= 10_000; file += 1) wrong.add(`file ${file}`, 'a')
    const firsts = FIRST_AND_LAST.map((key) => wrong.demote(key, REPLICAS)[0]?.place)
    assert.deepEqual(firsts, ['a', 'b'])
  })
})
