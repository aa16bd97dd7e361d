import { bad, type Concern, down, LEVELS, look } from './concern.ts'
import { fastdfsConcerns } from './fastdfs-concerns.ts'
import { mogilefsConcerns } from './mogilefs-concerns.ts'
import { formatCount, formatPercent } from './number-text.ts'
import { lastMinute, type Status } from './status.ts'

/** Fewer are bad luck, and not yet a share of anything. */
const ERRORS_MIN = 5
const ERRORS_LOOK = 0.01
const ERRORS_BAD = 0.1
/** A request waits for so long before its process gets to it. */
const EVENT_LOOP_LAG_MS = 200

/** What an operator should look after, worst first. */
export function concernsOf(status: Status): readonly Concern[] {
  const all = [
    ...requestConcerns(status),
    ...fastdfsConcerns(status.clusters),
    ...mogilefsConcerns(status.clusters),
    ...processConcerns(status),
    ...status.warnings.map(look),
  ]
  return all.toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level))
}

export interface Summary {
  readonly level: 'ok' | 'look' | 'bad'
  /** One sentence without its full stop. */
  readonly text: string
  /** What it leaves out. */
  readonly rest: readonly Concern[]
}

/** How things are. */
export function summaryOf(concerns: readonly Concern[]): Summary {
  const [worst, ...rest] = concerns
  if (worst === undefined) return { level: 'ok', text: 'All is well', rest: [] }
  if (worst.level === 'bad') return { level: 'bad', text: worst.text, rest }
  const count = concerns.length === 1 ? 'one thing needs' : `${concerns.length} things need`
  return { level: 'look', text: `Files are served, and ${count} a look`, rest: concerns }
}

function requestConcerns(status: Status): readonly Concern[] {
  const { requests, errors } = lastMinute(status)
  const share = errors / Math.max(1, requests)
  if (errors < ERRORS_MIN || share < ERRORS_LOOK) return []
  const counts = `${formatCount(errors)} of ${formatCount(requests)}`
  const text = `${formatPercent(share)} of the requests of the last minute failed (${counts})`
  return [share < ERRORS_BAD ? look(text) : bad(text)]
}

function processConcerns({ processes, total }: Status): readonly Concern[] {
  if (processes.length === 0) return [bad('No edge process answers: nothing is served')]
  const late = processes.filter(({ eventLoopLagMs }) => eventLoopLagMs > EVENT_LOOP_LAG_MS)
  const folders = total.hosts.filter(({ host, isFailing }) => isFailing && host.startsWith('/'))
  return [
    ...late.map(({ pid, eventLoopLagMs }) =>
      look(`Edge process ${pid} is overloaded: a request waits ${Math.round(eventLoopLagMs)} ms`),
    ),
    ...folders.map(({ host }) => down(`Files in ${host} cannot be read`)),
  ]
}
