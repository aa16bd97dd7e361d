import { findRareOutcomes, formatFinding, runTarget, type TargetRun } from './run-target.ts'
import type { FuzzTarget } from './target.ts'
import { TARGETS } from './targets.ts'

// npm run fuzz [-- SEED [WORD IN THE NAME OF A TARGET]]

const [seedText, word = ''] = process.argv.slice(2)
const seed = Number(seedText ?? Date.now() % 1_000_000_000)

async function run(target: FuzzTarget): Promise<TargetRun> {
  const crashed = (error: unknown): void => {
    console.error(`${target.name}: seed ${seed}, a crash\n`, error)
    process.exit(1)
  }
  process.on('uncaughtException', crashed)
  const done = await runTarget(target, { seed, cases: target.cases.long })
  process.off('uncaughtException', crashed)
  return done
}

function row(cells: readonly (string | number)[]): string {
  const [name = '', ...numbers] = cells
  return `${name}`.padEnd(44) + numbers.map((cell) => `${cell}`.padStart(12)).join('')
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}

console.log(`seed ${seed}`)
console.log(row(['target', 'cases', 'seconds', 'slowest ms', 'in case', 'findings']))
let [cases, findings, isPoor] = [0, 0, false]
const startedAt = performance.now()
for (const target of TARGETS.filter(({ name }) => name.includes(word))) {
  const done = await run(target)
  cases += done.cases
  findings += done.findings.length
  const { name, totalMs, slowest } = done
  const times = [inSeconds(totalMs), slowest.ms.toFixed(1), slowest.index]
  console.log(row([name, done.cases, ...times, done.findings.length]))
  const ends = Array.from(done.outcomes, ([outcome, count]) => `${outcome} ${count}`)
  if (ends.length > 0) console.log(`  ${ends.join(', ')}`)
  for (const finding of done.findings) console.error(formatFinding(name, finding))
  const rare = findRareOutcomes(target, done)
  if (rare.length > 0) console.error(`${name}: too few cases with ${rare.join(', ')}`)
  isPoor ||= rare.length > 0
}
console.log(row(['all', cases, inSeconds(performance.now() - startedAt), '', '', findings]))
process.exitCode = findings > 0 || isPoor ? 1 : 0
