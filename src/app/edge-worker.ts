import { EdgeError } from '../errors.ts'
import { describeError } from './exit-code.ts'
import { exitOnFault } from './exit-on-fault.ts'
import { InheritedSockets } from './inherited-sockets.ts'
import { LogDestination } from './log-destination.ts'
import { createLogger } from './logger.ts'
import { returnMemory } from './memory-return.ts'
import { type RunningEdge, startEdge } from './wiring.ts'
import {
  type Answers,
  type FromWorker,
  isMessage,
  type Question,
  type ToWorker,
} from './worker-messages.ts'

type Told<T extends ToWorker['type']> = Extract<ToWorker, { type: T }>

/** One edge process: does what the primary tells it, and nothing else, until it is told to stop. */
export async function runEdgeWorker(): Promise<void> {
  // A terminal and a supervisor signal the whole group; the primary says what is to be done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1'] as const)
    process.on(signal, ignore)
  const { conf, inheritedFds } = await told<Told<'start'>>('start')
  try {
    const log = await LogDestination.open(conf.logFile)
    const logger = createLogger(conf.logLevel, log).child({ worker: process.pid })
    exitOnFault(logger)
    const sockets = new InheritedSockets(inheritedFds)
    const edge = await startEdge(conf, { logger, sockets })
    returnMemory()
    const stopped = told<Told<'stop'>>('stop')
    process.on('message', (message: unknown) => {
      if (isMessage<Told<'reopen'>>(message, ['reopen'])) log.reopen(logger)
      if (!isMessage<Told<'ask'>>(message, ['ask'])) return
      const { id, question } = message
      tell({ type: 'answered', id, name: question.name, answer: answerOf(edge, question) })
    })
    tell({ type: 'ready', urls: edge.urls })
    const { drain } = await stopped
    await edge.close(drain.deadlineMs, drain.graceMs)
    process.send?.({ type: 'farewell', samples: edge.samples() }, () => process.exit())
  } catch (error) {
    const isConfFault = error instanceof EdgeError && error.code === 'invalid_config'
    tell({ type: 'failed', message: describeError(error), isConfFault })
  }
}

function answerOf(edge: RunningEdge, question: Question): Answers[Question['name']] {
  switch (question.name) {
    case 'purge':
      return edge.purge(question.target)
    case 'report':
      return edge.report()
    case 'samples':
      return edge.samples()
  }
}

function ignore(): void {}

function tell(message: FromWorker): void {
  process.send?.(message)
}

function told<M extends ToWorker>(type: M['type']): Promise<M> {
  return new Promise((resolve) => {
    const hear = (message: unknown): void => {
      if (!isMessage<M>(message, [type])) return
      process.off('message', hear)
      resolve(message)
    }
    process.on('message', hear)
  })
}
