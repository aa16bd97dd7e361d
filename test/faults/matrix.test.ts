import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { CHANGING_ROWS } from './changing-rows.ts'
import { Places } from './place.ts'
import { isWithinBounds } from './resident.ts'
import { ROWS } from './rows.ts'
import { runRow, startEdgeHere } from './run-row.ts'
import { runScene, type Scale } from './scene.ts'
import { SCENES } from './scenes.ts'
import type { Tally } from './tally.ts'

const LARGE_BYTES = 3_000_000
const SCALE: Scale = { clients: 4, requests: 6, forMs: 0, slowClients: 200, kills: 2 }

describe('with one replica and one tracker that are well, no request is lost', () => {
  const endings: (() => unknown)[] = []
  const places = new Places({ after: (fn) => void endings.unshift(fn) }, LARGE_BYTES)
  after(async () => {
    for (const end of endings) await end()
  })

  for (const row of [...ROWS, ...CHANGING_ROWS]) {
    it(`${row.place}: ${row.fault}`, async () => {
      const place = await places.get(row.place)
      const tally = await runRow(row, place, { load: SCALE, startEdge: startEdgeHere })
      check(tally, row)
    })
  }

  for (const scene of SCENES) {
    it(`${scene.place}: ${scene.fault}`, { skip: scene.whyNot?.() ?? false }, async () => {
      check(await runScene(scene, { places, scale: SCALE }), scene)
    })
  }
})

function check(tally: Tally, { cutsMax = 0 }: { readonly cutsMax?: number }): void {
  assert.equal(tally.wrong, 0, 'complete answers with wrong bytes')
  assert.equal(tally.told, '', 'failed requests')
  assert.ok(tally.cut <= cutsMax, `${tally.cut} answers were cut`)
  const { memory } = tally
  assert.ok(memory === undefined || isWithinBounds(memory), `kept: ${JSON.stringify(memory)}`)
}
