import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatFaults, type Line } from './table.ts'
import { Tally } from './tally.ts'

const MB = 1024 * 1024

function line(more: Partial<Line>, firstByteMs: number, afterMb = 110): Line {
  const tally = new Tally()
  tally.add('small', { firstByteMs })
  tally.memory = { beforeBytes: 100 * MB, afterBytes: afterMb * MB }
  return { fault: 'killed', place: 'FastDFS', badHosts: 1, tally, ...more }
}

const rowsOf = (lines: readonly Line[]): readonly string[] =>
  formatFaults(lines).trimEnd().split('\n').slice(2)

describe('the table of faults', () => {
  it('has one row for a fault in front of several clusters', () => {
    assert.deepEqual(rowsOf([line({}, 20), line({ place: 'MogileFS' }, 30.4)]), [
      '| killed | F / M | 1 | 0 | 0 | 0 | 20 ms / 30 ms | 200 ms | 100 → 110 MB |',
    ])
  })

  it('marks what is over its bound, and not where there is none', () => {
    const late = line({}, 250, 130)
    assert.deepEqual(rowsOf([late]), [
      '| killed | F | 1 | 0 | 0 | 0 | **250 ms** | 200 ms | **100 → 130 MB** |',
    ])
    assert.deepEqual(rowsOf([{ ...late, badHosts: undefined }]), [
      '| killed | F | 1 | 0 | 0 | 0 | 250 ms |  | **100 → 130 MB** |',
    ])
  })

  it('says what could not be tried', () => {
    assert.deepEqual(rowsOf([{ ...line({}, 1), tally: 'no root' }]), [
      '| killed | F | no root |  |  |  |  |  |  |',
    ])
  })
})
