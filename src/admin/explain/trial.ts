import { asEdgeError, EdgeError } from '../../errors.ts'
import { type Caller, UNTRUSTED } from '../../http/caller.ts'
import { Edge, type EdgeOptions } from '../../http/edge.ts'
import { STATUS_OF_ERROR } from '../../http/error-response.ts'
import type { EdgeResponse } from '../../http/message.ts'
import { findMessageFault } from '../../http/message-fault.ts'
import { RequestTrace } from '../../http/request-trace.ts'
import { DEFAULT_SERVER_LIMITS } from '../../http/server-limits.ts'
import type { Ref, Resolver } from '../../resolver/resolver.ts'
import type { Opened, Transfer } from '../../transfer/transfer.ts'
import type { AnswerReport } from './explanation.ts'

export interface TrialParts {
  /** After that nobody waits any longer. */
  readonly deadlineMs?: number
  /** The edge's own, on clusters that nobody else uses. */
  readonly edge: Omit<EdgeOptions, 'log' | 'handover' | 'page'>
  readonly resolver: Pick<Resolver, 'resolve'>
}

/** Longer than every deadline of the edge's own, for a host or two. */
const DEADLINE_MS = 15_000
const URL_MAX_BYTES = DEFAULT_SERVER_LIMITS.maxUrlBytes
const SILENT_LOG = { warn: () => undefined, error: () => undefined }

/**
 * What the edge answers to a GET, found by asking one that remembers nothing. The first bytes are
 * read, so that a storage that breaks at once is noticed.
 */
export async function tryUrl(
  { edge, resolver, deadlineMs = DEADLINE_MS }: TrialParts,
  { target, host = 'localhost' }: { target: string; host: string | undefined },
): Promise<AnswerReport> {
  const start = performance.now()
  const message = { httpVersion: '1.1', target, headers: { host } }
  const refused = findMessageFault(message, URL_MAX_BYTES)
  if (refused !== undefined) return { ...NO_ANSWER, status: refused }
  const transfer = new ListeningTransfer(edge.transfer)
  const signal = AbortSignal.timeout(deadlineMs)
  const answer = await new Edge({ ...edge, transfer, log: SILENT_LOG }).handle({
    method: 'GET',
    target,
    headers: message.headers,
    caller: CALLER,
    trace: new RequestTrace(),
    admit: () => signal,
  })
  const broken = answer === null ? undefined : await begin(answer)
  const error = transfer.error ?? broken
  const { headers, status } = broken === undefined && answer !== null ? answer : NOBODY_LEFT
  return {
    status: broken === undefined ? status : (STATUS_OF_ERROR[broken.code] ?? status),
    type: fieldOf(headers, 'Content-Type'),
    size: fieldOf(headers, 'Content-Length'),
    order: await orderOf(resolver, transfer.ref),
    error: error === undefined ? null : { code: error.code, message: error.message },
    ms: Math.round(performance.now() - start),
  }
}

const NO_ANSWER = { type: null, size: null, order: [], error: null, ms: 0 } as const
/** The deadline passed: whoever asks for the file has given up as well. */
const NOBODY_LEFT = { status: 504, headers: [] } as const

const CALLER: Caller = { ...UNTRUSTED, address: '127.0.0.1' }

/** Hears what goes wrong below HTTP, of which a client is told nothing. */
class ListeningTransfer implements Transfer {
  error: EdgeError | undefined
  ref: Ref | undefined
  readonly #transfer: Transfer

  constructor(transfer: Transfer) {
    this.#transfer = transfer
  }

  facts(...args: Parameters<Transfer['facts']>): ReturnType<Transfer['facts']> {
    return this.#listen(args[0], this.#transfer.facts(...args))
  }

  open(...args: Parameters<Transfer['open']>): Promise<Opened | null> {
    return this.#listen(args[0], this.#transfer.open(...args))
  }

  peek(ref: Ref): ReturnType<Transfer['peek']> {
    return this.#transfer.peek(ref)
  }

  async #listen<T>(ref: Ref, question: Promise<T>): Promise<T> {
    this.ref = ref
    try {
      return await question
    } catch (error) {
      if (error instanceof EdgeError) this.error = error
      throw error
    }
  }
}

/** Reads the beginning of a streamed body and gives up the rest. */
async function begin({ body }: EdgeResponse): Promise<EdgeError | undefined> {
  if (body === null || Buffer.isBuffer(body)) return undefined
  try {
    for await (const _ of body.chunks) break
    return undefined
  } catch (error) {
    return asEdgeError(error)
  }
}

function fieldOf(headers: readonly string[], name: string): string | null {
  const index = headers.findIndex((text, at) => at % 2 === 0 && text === name)
  return index < 0 ? null : (headers[index + 1] ?? null)
}

/** The replicas of a file that was found, in the order in which they were tried. */
async function orderOf(
  resolver: TrialParts['resolver'],
  ref: Ref | undefined,
): Promise<readonly string[]> {
  if (ref === undefined) return []
  try {
    const found = await resolver.resolve(ref)
    return found?.replicas.map(({ host }) => host) ?? []
  } catch (error) {
    asEdgeError(error)
    return []
  }
}
