// The long run: `npm run faults`, or `npm run faults -- disk` for the rows with that word. Prints a table as
// README has it; exits with 1 where something was lost.
import { cpus, totalmem } from 'node:os'
import { Places } from './place.ts'
import { ROWS } from './rows.ts'
import { runRow, startEdgeHere } from './run-row.ts'
import { runScene, type Scale } from './scene.ts'
import { SCENES } from './scenes.ts'
import type { Tally } from './tally.ts'

const LARGE_BYTES = 8_000_000
const SCALE: Scale = { clients: 8, requests: 6, forMs: 2500, slowClients: 1000, kills: 4 }
const HEDGE_MS = 100

interface Line {
  readonly fault: string
  readonly place: string
  readonly badHosts?: number
  readonly cutsMax?: number
}

const endings: (() => unknown)[] = []
const places = new Places({ after: (fn) => void endings.unshift(fn) }, LARGE_BYTES)
const word = process.argv[2] ?? ''
const isMeant = ({ fault, place }: Line): boolean => `${fault} ${place}`.includes(word)
let isAllWell = true

say(
  `${new Date().toISOString().slice(0, 10)}, ${cpus().length} × ${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}\n`,
)
say(
  '| fault | edge in front of | requests | wrong bytes | failed | cut | first byte, slowest | bound |',
)
say('| --- | --- | --: | --: | --: | --: | --: | --: |')
try {
  for (const row of ROWS.filter(isMeant)) {
    const place = await places.get(row.place)
    tell(row, await runRow(row, place, { load: SCALE, startEdge: startEdgeHere }))
  }
  for (const scene of SCENES.filter(isMeant)) {
    const whyNot = scene.whyNot?.() ?? false
    if (whyNot === false) tell(scene, await runScene(scene, { places, scale: SCALE }))
    else say(`| ${scene.fault} | ${scene.place} | ${whyNot} | | | | | |`)
  }
} finally {
  for (const end of endings) await end()
}
process.exitCode = isAllWell ? 0 : 1

function tell(line: Line, tally: Tally): void {
  const { fault, place, badHosts, cutsMax = 0 } = line
  const isWell = tally.wrong === 0 && tally.failed === 0 && tally.cut <= cutsMax
  isAllWell &&= isWell
  const bound = badHosts === undefined ? '' : `${badHosts * HEDGE_MS + 100} ms`
  const { requests, wrong, failed, cut, slowestMs } = tally
  const cells = [fault, place, requests, wrong, failed, cut, `${Math.round(slowestMs)} ms`, bound]
  say(`| ${cells.join(' | ')} |`)
  if (tally.told !== '') process.stderr.write(`  ${fault}: ${tally.told}\n`)
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
