import { setTimeout as delay } from 'node:timers/promises'
import { type Ask, Client } from './client.ts'
import type { Tally } from './tally.ts'

/** A file as it was stored. */
export interface StoredFile {
  /** `/group1/M00/..` or `/img/key`. */
  readonly path: string
  readonly content: Buffer
  /** All that it has been, where it changes. */
  readonly states?: readonly Buffer[] | undefined
}

export interface Files {
  /** Whole in one answer, checked before its first byte. */
  readonly small: readonly StoredFile[]
  /** Larger than `verify_max`: streamed, and checked as it passes. */
  readonly large: readonly StoredFile[]
}

export interface WorkloadOptions {
  readonly url: string
  readonly files: Files
  readonly clients: number
  /** Of each client. */
  readonly requests: number
  /** Of each client between two requests: what is late is then late by a fault, and not by too much to do. */
  readonly pauseMs?: number
  /** Goes on until then, however many requests there are. */
  readonly untilMs?: number
  /** Goes on for as long as this says so. */
  goesOn?(): boolean
}

const OPERATIONS = ['small', 'HEAD', 'range', 'small', 'conditional', 'large'] as const
type Operation = (typeof OPERATIONS)[number]

const RANGE_BYTES = 100_000

/** Several clients that mix small files, a large one, ranges of it, HEAD and conditional requests. */
export async function runWorkload(options: WorkloadOptions, tally: Tally): Promise<void> {
  const { clients, requests, pauseMs = 0, untilMs = 0, goesOn = () => false } = options
  const run = async (number: number): Promise<void> => {
    const client = new Client()
    if (pauseMs > 0) await delay((pauseMs * number) / clients)
    const isDue = (turn: number): boolean =>
      turn < requests || performance.now() < untilMs || goesOn()
    for (let turn = 0; isDue(turn); turn += 1) {
      const operation = OPERATIONS[(turn + number) % OPERATIONS.length] ?? 'small'
      await perform(client, operation, { options, tally, turn: turn * clients + number })
      if (pauseMs > 0) await delay(pauseMs)
    }
    client.close()
  }
  await Promise.all(Array.from({ length: clients }, (_, number) => run(number)))
}

interface Turn {
  readonly options: WorkloadOptions
  readonly tally: Tally
  readonly turn: number
}

async function perform(
  client: Client,
  operation: Operation,
  { options: { url, files }, tally, turn }: Turn,
): Promise<void> {
  const { small, large } = files
  const of = operation === 'large' || operation === 'range' ? large : small
  const file = of[turn % of.length]
  if (file === undefined) throw new Error(`there is no file for ${operation}`)
  const asked = { url: url + file.path, file, turn }
  if (operation !== 'conditional') {
    tally.add(operation, await client.ask(askFor(operation, asked)))
    return
  }
  const { etag = '', ...outcome } = await client.ask({
    url: asked.url,
    method: 'HEAD',
    status: 200,
  })
  tally.add('HEAD', outcome)
  const headers = { 'if-none-match': etag }
  const { content: body, states } = file
  tally.add('conditional', await client.ask({ url: asked.url, headers, status: 304, body, states }))
}

function askFor(
  operation: Exclude<Operation, 'conditional'>,
  { url, file: { content, states }, turn }: { url: string; file: StoredFile; turn: number },
): Ask {
  switch (operation) {
    case 'small':
    case 'large':
      return { url, status: 200, body: content, states }
    case 'HEAD':
      return { url, method: 'HEAD', status: 200 }
    case 'range': {
      const start = (turn * 1_234_567) % (content.length - RANGE_BYTES)
      const range = `bytes=${start}-${start + RANGE_BYTES - 1}`
      const body = content.subarray(start, start + RANGE_BYTES)
      return { url, headers: { range }, status: 206, body }
    }
  }
}
