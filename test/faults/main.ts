// The long run: `npm run faults`, or `npm run faults -- disk` for the rows with that word. Prints what README has
// between its marks, and how far it is on standard error; exits with 1 where something was lost.
import { cpus, totalmem } from 'node:os'
import { CHANGING_ROWS } from './changing-rows.ts'
import { startEdgeApart } from './edge-apart.ts'
import { Places } from './place.ts'
import { ROWS } from './rows.ts'
import { runRow } from './run-row.ts'
import { runScene, type Scale, type Scene } from './scene.ts'
import { SCENES } from './scenes.ts'
import { formatFaults, isLate, type Line } from './table.ts'
import type { Tally } from './tally.ts'

const LARGE_BYTES = 4_000_000
/** A virtual machine whose cores all have too much to do is stopped for a tenth of a second now and then. */
const SCALE: Scale = {
  clients: 8,
  requests: 6,
  pauseMs: 160,
  warmUpMs: 1500,
  forMs: 5000,
  slowClients: 2000,
  kills: 4,
}

type Asked = Pick<Line, 'fault' | 'place'> & { readonly cutsMax?: number }

const endings: (() => unknown)[] = []
const places = new Places({ after: (fn) => void endings.unshift(fn) }, LARGE_BYTES)
const word = process.argv[2] ?? ''
const isMeant = ({ fault, place }: Asked): boolean => `${fault} ${place}`.includes(word)
const lines: Line[] = []
let isAllWell = true

try {
  for (const row of [...ROWS, ...CHANGING_ROWS].filter(isMeant)) {
    const place = await places.get(row.place)
    note(row, await runRow(row, place, { load: SCALE, startEdge: startEdgeApart }))
  }
  for (const scene of SCENES.filter(isMeant)) {
    note(scene, scene.whyNot?.() || (await tallyOf(scene)))
  }
} finally {
  for (const end of endings) await end()
}
process.stdout.write(
  `<!-- faults -->\n${introduction()}\n${formatFaults(lines)}<!-- end of faults -->\n`,
)
process.stderr.write(
  `${lines.filter(isLate).length} of ${lines.length} rows are over their bound\n`,
)
process.exitCode = isAllWell ? 0 : 1

/** Or what went wrong with it: the other scenes have their turn all the same. */
async function tallyOf(scene: Scene): Promise<Tally | string> {
  try {
    return await runScene(scene, { places, scale: SCALE })
  } catch (error) {
    isAllWell = false
    return `**${error}**`
  }
}

function note({ cutsMax = 0, ...of }: Asked, tally: Line['tally']): void {
  const line = { ...of, tally }
  lines.push(line)
  process.stderr.write(formatFaults([line]).split('\n').slice(-2).join('\n'))
  if (typeof tally === 'string') return
  isAllWell &&= tally.wrong === 0 && tally.failed === 0 && tally.cut <= cutsMax
  if (isLate(line)) process.stderr.write(`  ${line.fault}: late was ${tally.slowest}\n`)
  if (tally.told !== '') process.stderr.write(`  ${line.fault}: ${tally.told}\n`)
}

function introduction(): string {
  const day = new Date().toISOString().slice(0, 10)
  const cores = `${cpus().length} cores (${cpus()[0]?.model}, ${Math.round(totalmem() / 2 ** 30)} GB)`
  return `On ${day}, on ${cores}, Node ${process.version}: clusters and edge in
processes of their own, and eight clients that ask fifty times a second for small files, large ones of 4 MB, ranges,
HEAD and conditions; F is FastDFS, M MogileFS by its trackers, S MogileFS by SQL. Cut are bodies that had begun. The bound is
\`hedge_ms\` for each bad host and 100 ms, what is over it is bold; memory is what the edge's process held before and
after.
`
}
