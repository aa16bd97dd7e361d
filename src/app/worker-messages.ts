import type { PurgedEdge } from '../admin/edge-caches.ts'
import type { ProcessReport } from '../admin/process-report.ts'
import type { PurgeTarget } from '../admin/purge-target.ts'
import type { Samples } from '../admin/samples.ts'
import type { EdgeConf } from '../config/index.ts'

/** What the primary may ask of an edge process that listens. */
export type Question =
  | { readonly name: 'purge'; readonly target: PurgeTarget }
  | { readonly name: 'report' }
  | { readonly name: 'samples' }

/** What comes back. */
export interface Answers {
  readonly purge: PurgedEdge | undefined
  readonly report: ProcessReport
  readonly samples: Samples
}

export interface Answered {
  readonly type: 'answered'
  readonly id: number
  readonly name: Question['name']
  readonly answer: unknown
}

/** What the primary tells an edge process. */
export type ToWorker =
  /** The first message: listen. The file may be another one by the time that a process is started. */
  | ({ readonly type: 'start' } & WorkerStart)
  | { readonly type: 'ask'; readonly id: number; readonly question: Question }
  /** Its log file has been renamed. */
  | { readonly type: 'reopen' }
  | { readonly type: 'stop'; readonly drain: Drain }

/** What an edge process begins with. */
export interface WorkerStart {
  readonly conf: EdgeConf
  /** Sockets to listen on that it has from the primary, under its own numbers. */
  readonly inheritedFds: readonly number[]
}

/** What an edge process tells the primary. */
export type FromWorker =
  | { readonly type: 'ready'; readonly urls: readonly string[] }
  | { readonly type: 'failed'; readonly message: string; readonly isConfFault: boolean }
  | Answered
  /** The last message: what it has counted in all. */
  | { readonly type: 'farewell'; readonly samples: Samples }

/** How an edge process goes. */
export interface Drain {
  /** Answers under way after that are cut. */
  readonly deadlineMs: number
  /** For so long an idle connection may still bring a request. */
  readonly graceMs: number
}

/** Both ends are of one program: the type alone tells what a message holds. */
export function isMessage<M extends ToWorker | FromWorker>(
  message: unknown,
  types: readonly M['type'][],
): message is M {
  if (typeof message !== 'object' || message === null || !('type' in message)) return false
  return types.some((type) => type === message.type)
}

/** What a question of that name is answered with. */
export function isAnswerTo<N extends Question['name']>(
  name: N,
  answered: Answered,
): answered is Answered & { readonly answer: Answers[N] } {
  return answered.name === name
}
