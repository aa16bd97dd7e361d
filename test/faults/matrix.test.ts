import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { Places } from './place.ts'
import { ROWS } from './rows.ts'
import { runRow, startEdgeHere } from './run-row.ts'

const LARGE_BYTES = 3_000_000
const LOAD = { clients: 4, requests: 6 }

describe('with one replica and one tracker that are well, no request is lost', () => {
  const endings: (() => unknown)[] = []
  const places = new Places({ after: (fn) => void endings.unshift(fn) }, LARGE_BYTES)
  after(async () => {
    for (const end of endings) await end()
  })

  for (const row of ROWS) {
    it(`${row.place}: ${row.fault}`, async () => {
      const place = await places.get(row.place)
      const tally = await runRow(row, place, { load: LOAD, startEdge: startEdgeHere })
      assert.equal(tally.wrong, 0, 'complete answers with wrong bytes')
      assert.equal(tally.told, '', 'failed requests')
      assert.ok(tally.cut <= (row.cutsMax ?? 0), `${tally.cut} answers were cut`)
    })
  }
})
