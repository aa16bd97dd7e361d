import type { ByteRange, Facts, MogilefsRef, Ref } from '../resolver/resolver.ts'
import {
  CHANGES_MAX,
  type Opened,
  type OpenOptions,
  Overwritten,
  type Transfer,
} from '../transfer/transfer.ts'
import { extensionOf } from './content-type.ts'
import type { Cors } from './cors.ts'
import { formatDisposition } from './disposition.ts'
import { type Description, describeContent, type FileDescriptions } from './file-headers.ts'
import { answerFile, answerFlvSeek, type FileAnswer, needsFacts } from './file-request.ts'
import { factsOfSeek, NO_SEEK, parseFlvSeek } from './flv-seek.ts'
import type { Handover } from './handover.ts'
import { formatKeyAnswer, KEY_NOT_FOUND } from './key-answer.ts'
import type { BodyStream, EdgeRequest, EdgeResponse, HeaderList } from './message.ts'
import { gatherPieces, openPieces } from './pieces.ts'
import type { Refusals } from './refusals.ts'
import { nameOf, type RequestUrl } from './request-url.ts'
import { SNIFFED_BYTES } from './sniff.ts'

export type FileUrl = Extract<RequestUrl, { kind: 'file' }>

export interface FileServiceParts {
  readonly transfer: Transfer
  readonly descriptions: FileDescriptions
  readonly cors: Cors
  readonly refusals: Refusals
  readonly flvExtensions: readonly string[]
  readonly isMultiRangeEnabled: boolean
  /** Absent: all bytes come from the edge. */
  readonly handover: Handover | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** GET and HEAD of files, whose token has been checked. */
export class FileService {
  readonly #parts: FileServiceParts

  constructor(parts: FileServiceParts) {
    this.#parts = parts
  }

  /** From here, or by another server where `response_mode` says so. */
  answer(request: EdgeRequest, url: FileUrl): EdgeResponse | Promise<EdgeResponse> {
    const { handover } = this.#parts
    if (handover?.isMeant(request, url) && !this.#mayBeFlvSeek(url)) {
      return this.#handOver(request, url, handover)
    }
    return this.#answerHere(request, url)
  }

  /** Ranges are made by whoever sends the bytes; conditions are answered here as far as they decide. */
  async #handOver(request: EdgeRequest, url: FileUrl, handover: Handover): Promise<EdgeResponse> {
    const { refusals } = this.#parts
    const { trace } = request
    const signal = request.admit()
    const located = await handover.locate(url.ref, trace)
    const facts = located?.facts
    const content = facts && (await this.#describe(url.ref, { facts, signal, trace }))
    if (located === null || !content) return refusals.refuse(request, 404)
    const handedOver = handover.handOver(url, located, content)
    if (handedOver === undefined) return this.#answerHere(request, url)
    const { method, headers } = request
    const asked = { method, headers: { ...headers, range: undefined } }
    const answer = this.#decide(asked, url, content)
    if (answer.kind !== 'content') return this.#respond(request, { url, answer, body: null })
    const added = [...dispositionOf(url), ...this.#parts.cors.headersFor(headers)]
    return { ...handedOver, headers: [...handedOver.headers, ...added], body: null }
  }

  /** At once where the file is in memory, else after asking for it. */
  #answerHere(request: EdgeRequest, url: FileUrl): EdgeResponse | Promise<EdgeResponse> {
    const opened = this.#parts.transfer.peek(url.ref)
    const content = opened && this.#parts.descriptions.known(opened.facts, nameOf(url.ref))
    if (opened === undefined || content === undefined) return this.#answerFromTransfer(request, url)
    request.trace.cameFromMemory()
    const answer = this.#decide(request, url, content)
    const isBodySent = answer.kind === 'content' && request.method === 'GET'
    const body = isBodySent ? gatherPieces(answer.pieces, opened.body) : null
    return this.#respond(request, { url, answer, body })
  }

  /** What a key stands for, as of at most so long ago: nginx keeps content by fid. */
  async answerQuestion(
    request: EdgeRequest,
    ref: MogilefsRef,
    maxAgeMs: number,
  ): Promise<EdgeResponse> {
    const { trace } = request
    const signal = request.admit()
    const facts = await this.#parts.transfer.facts(ref, signal, { maxAgeMs, trace })
    if (facts === null) return KEY_NOT_FOUND
    const fid = Number(facts.etag.slice(1, -1))
    const content = await this.#describe({ ...ref, fid }, { facts, signal, trace })
    return content === null ? KEY_NOT_FOUND : formatKeyAnswer(content, fid)
  }

  async #answerFromTransfer(request: EdgeRequest, url: FileUrl): Promise<EdgeResponse> {
    const { transfer, refusals } = this.#parts
    const { trace } = request
    const signal = request.admit()
    if (this.#isPlain(request, url)) return this.#answerWhole(request, url, signal)
    let facts = await transfer.facts(url.ref, signal, { trace })
    if (facts === null) return refusals.refuse(request, 404)
    for (let overwrites = 0; ; overwrites += 1) {
      try {
        return await this.#answerKnown(request, url, { facts, signal, trace })
      } catch (error) {
        if (!(error instanceof Overwritten) || overwrites >= CHANGES_MAX) throw error
        facts = error.facts
      }
    }
  }

  /** @throws Overwritten: the facts are those of an older version */
  async #answerKnown(
    request: EdgeRequest,
    url: FileUrl,
    known: OpenOptions & { readonly facts: Facts },
  ): Promise<EdgeResponse> {
    const { refusals } = this.#parts
    const content = await this.#describe(url.ref, known)
    if (content === null) return refusals.refuse(request, 404)
    const answer = this.#decide(request, url, content)
    if (answer.kind !== 'content' || request.method === 'HEAD') {
      return this.#respond(request, { url, answer, body: null })
    }
    const body = await openPieces(answer.pieces, (range) => this.#open(url.ref, range, known))
    if (body === null) return refusals.refuse(request, 404)
    return this.#respond(request, { url, answer, body })
  }

  /** Nothing has to be known before the bytes are asked for. */
  #isPlain(request: EdgeRequest, url: FileUrl): boolean {
    if (needsFacts(request) || this.#mayBeFlvSeek(url)) return false
    return this.#parts.descriptions.isTold(nameOf(url.ref))
  }

  /** Null: the file is gone. */
  async #describe(
    ref: Ref,
    options: OpenOptions & { readonly facts: Facts },
  ): Promise<Description | null> {
    const { descriptions } = this.#parts
    const { facts } = options
    const known = descriptions.known(facts, nameOf(ref))
    if (known !== undefined) return known
    const end = Math.min(facts.size, SNIFFED_BYTES)
    const body = end === 0 ? Buffer.alloc(0) : await this.#open(ref, { start: 0, end }, options)
    if (body === null) return null
    const firstBytes = Buffer.isBuffer(body) ? body : await collect(body)
    return descriptions.byContent(facts, nameOf(ref), firstBytes)
  }

  /** Most requests: one question gives facts and bytes. */
  async #answerWhole(
    request: EdgeRequest,
    url: FileUrl,
    signal: AbortSignal,
  ): Promise<EdgeResponse> {
    const { trace } = request
    const opened = await this.#parts.transfer.open(url.ref, null, { signal, trace })
    if (opened === null) return this.#parts.refusals.refuse(request, 404)
    const content = await this.#describe(url.ref, { facts: opened.facts, signal, trace })
    if (content === null) return this.#parts.refusals.refuse(request, 404)
    const answer = this.#decide(request, url, content)
    const isBuffer = Buffer.isBuffer(opened.body)
    const body = isBuffer ? opened.body : { length: opened.facts.size, chunks: opened.body }
    return this.#respond(request, { url, answer, body })
  }

  async #open(
    ref: Ref,
    range: ByteRange,
    options: OpenOptions & { readonly facts: Facts },
  ): Promise<Opened['body'] | null> {
    const isWhole = range.start === 0 && range.end === options.facts.size
    const opened = await this.#parts.transfer.open(ref, isWhole ? null : range, options)
    return opened === null ? null : opened.body
  }

  #decide(
    request: Pick<EdgeRequest, 'method' | 'headers'>,
    url: FileUrl,
    content: Description,
  ): FileAnswer {
    const { isMultiRangeEnabled, now } = this.#parts
    const { facts } = content
    const options = { isMultiRangeEnabled, nowSeconds: now() / 1000 }
    const seek = this.#mayBeFlvSeek(url) ? parseFlvSeek(url.query, facts.size) : NO_SEEK
    switch (seek.kind) {
      case 'none':
        return answerFile(request, content, options)
      case 'beyond-end':
        return { kind: 'refused', status: 400, headers: [] }
      case 'seek': {
        const { range } = seek
        const seekContent = describeContent(factsOfSeek(facts, range), content)
        return answerFlvSeek(request, { content: seekContent, range }, options)
      }
    }
  }

  #mayBeFlvSeek({ ref, query }: FileUrl): boolean {
    if (query.start === undefined) return false
    return this.#parts.flvExtensions.includes(extensionOf(nameOf(ref)))
  }

  #respond(
    request: EdgeRequest,
    { url, answer, body }: { url: FileUrl; answer: FileAnswer; body: Buffer | BodyStream | null },
  ): EdgeResponse {
    const { cors, refusals } = this.#parts
    if (answer.kind === 'refused') return refusals.refuse(request, answer.status, answer.headers)
    const crossOrigin = cors.headersFor(request.headers)
    if (answer.kind === 'not-modified') {
      return { status: 304, headers: [...answer.headers, ...crossOrigin], body: null }
    }
    const added = [...dispositionOf(url), ...crossOrigin]
    const headers = added.length === 0 ? answer.headers : [...answer.headers, ...added]
    return { status: answer.status, headers, body }
  }
}

/** A chunk is valid until the next one is asked for. */
async function collect(chunks: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(chunks, (chunk) => Buffer.from(chunk)))
}

function dispositionOf({ query }: FileUrl): HeaderList {
  const name = query.filename || query.attname
  return name ? ['Content-Disposition', formatDisposition(name)] : []
}
