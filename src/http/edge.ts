import { createHash } from 'node:crypto'
import type { Facts } from '../resolver/resolver.ts'
import type { Transfer } from '../transfer/transfer.ts'
import { isMetadataName } from '../wire/fastdfs/file-id.ts'
import { ContentTypes } from './content-type.ts'
import { Cors, type CorsOptions } from './cors.ts'
import { ALLOWED_METHODS, createRefusalHeaders, type RefusalStatus } from './error-response.ts'
import {
  type CacheControl,
  DEFAULT_CACHE_CONTROL,
  describeContent,
  FileDescriptions,
} from './file-headers.ts'
import { answerFile } from './file-request.ts'
import { FileService, type FileUrl } from './file-service.ts'
import type { UrlOptions } from './find-ref.ts'
import { Handover, type HandoverOptions } from './handover.ts'
import { NO_KEY } from './key-answer.ts'
import type { EdgeLog, EdgeRequest, EdgeResponse } from './message.ts'
import { gatherPieces } from './pieces.ts'
import { Refusals } from './refusals.ts'
import { requestIdOf } from './request-id.ts'
import { type RequestUrl, readRequestUrl } from './request-url.ts'
import { isTokenValid, type TokenOptions } from './token-check.ts'

/** A small page of the edge's own. */
export interface Page {
  readonly contentType: string
  readonly body: Buffer
}

export interface EdgeOptions {
  readonly transfer: Transfer
  readonly log: EdgeLog
  readonly urls: UrlOptions
  readonly contentTypes?: ContentTypes
  readonly cacheControl?: CacheControl
  /** Absent: files are served without a token. */
  readonly token?: TokenOptions
  /** Absent: no cross-origin headers. */
  readonly cors?: CorsOptions
  /** Lower case, without dot; `flv` by default. */
  readonly flvExtensions?: readonly string[]
  readonly isMultiRangeEnabled?: boolean
  /** Absent: all bytes come from the edge. */
  readonly handover?: HandoverOptions
  /** Asked for paths that can be no file. */
  readonly page?: (path: string) => Page | undefined
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/**
 * Request -> response, for files of the clusters:
 * - GET and HEAD of a file: token, then existence, preconditions, range (RFC 9110 13.2.2, 14.2);
 * - OPTIONS: the methods, and the permission that a cross-origin preflight asks for;
 * - other methods 405; a malformed URL 400; metadata and what no cluster can hold 404;
 * - a fault: its status from `error-response.ts`, a request id, and nothing of the fault itself.
 */
export class Edge {
  readonly #options: EdgeOptions
  readonly #files: FileService
  readonly #refusals: Refusals
  readonly #cors: Cors
  readonly #now: () => number

  constructor(options: EdgeOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
    this.#cors = new Cors(options.cors)
    this.#refusals = new Refusals(this.#cors, options.log)
    this.#files = new FileService({
      transfer: options.transfer,
      descriptions: new FileDescriptions(
        options.contentTypes ?? new ContentTypes(),
        options.cacheControl ?? DEFAULT_CACHE_CONTROL,
      ),
      cors: this.#cors,
      refusals: this.#refusals,
      flvExtensions: options.flvExtensions ?? ['flv'],
      isMultiRangeEnabled: options.isMultiRangeEnabled ?? true,
      handover: options.handover && new Handover(options.handover),
      now: this.#now,
    })
  }

  /** Never throws or rejects. At once where nothing has to be waited for; null: nobody is there. */
  handle(request: EdgeRequest): EdgeResponse | null | Promise<EdgeResponse | null> {
    try {
      const response = this.#answer(request)
      if (!(response instanceof Promise)) return response
      return response.catch((error: unknown) => this.#refusals.fail(request, error))
    } catch (error) {
      return this.#refusals.fail(request, error)
    }
  }

  /** The answer to a request that is not even looked at. */
  refuse(request: EdgeRequest, status: RefusalStatus): EdgeResponse {
    return this.#refusals.refuse(request, status)
  }

  #answer(request: EdgeRequest): EdgeResponse | Promise<EdgeResponse> {
    switch (request.method) {
      case 'GET':
      case 'HEAD':
        return this.#answerUrl(request)
      case 'OPTIONS':
        return this.#answerOptions(request)
      default:
        return this.#refusals.refuse(request, 405)
    }
  }

  #answerUrl(request: EdgeRequest): EdgeResponse | Promise<EdgeResponse> {
    const { domain, rawArgs, questionMaxAgeMs: maxAgeMs } = request.caller
    const url = readRequestUrl(request.target, this.#options.urls, {
      host: request.headers.host,
      domain,
      rawArgs,
    })
    if (url.kind === 'file') request.trace.ref = url.ref
    if (maxAgeMs !== undefined) return this.#answerQuestion(request, url, maxAgeMs)
    switch (url.kind) {
      case 'malformed':
        return this.#refusals.refuse(request, 400)
      case 'page':
        return this.#answerPage(request, url.path)
      case 'file':
        return this.#answerFile(request, url)
    }
  }

  #answerFile(request: EdgeRequest, url: FileUrl): EdgeResponse | Promise<EdgeResponse> {
    const { token } = this.#options
    if (token !== undefined && !this.#isAllowed(request, url, token)) {
      return this.#refuseToken(request, token)
    }
    if (url.ref.system === 'fastdfs' && isMetadataName(url.ref.filename)) {
      return this.#refusals.refuse(request, 404)
    }
    const { fid } = request.caller
    if (fid === undefined || url.ref.system === 'fastdfs') return this.#files.answer(request, url)
    return this.#files.answer(request, { ...url, ref: { ...url.ref, fid } })
  }

  /** Of anything but a key that may be asked for, nginx hears that it has to ask as any client does. */
  #answerQuestion(
    request: EdgeRequest,
    url: RequestUrl,
    maxAgeMs: number,
  ): EdgeResponse | Promise<EdgeResponse> {
    if (url.kind !== 'file' || url.ref.system === 'fastdfs') return NO_KEY
    const { token } = this.#options
    if (token !== undefined && !this.#isAllowed(request, url, token)) return NO_KEY
    return this.#files.answerQuestion(request, url.ref, maxAgeMs)
  }

  /** A proxy in front that checks tokens itself sends URLs without one. */
  #isAllowed(request: EdgeRequest, url: FileUrl, token: TokenOptions): boolean {
    return isTokenValid(url, token, this.#now() / 1000) || request.caller.isTokenChecked
  }

  #refuseToken(request: EdgeRequest, { failBody }: TokenOptions): EdgeResponse {
    if (failBody === undefined) return this.#refusals.refuse(request, 403)
    const headers = [
      ...createRefusalHeaders(403, requestIdOf(request)),
      'Content-Type',
      failBody.contentType,
      'Content-Length',
      `${failBody.bytes.length}`,
      ...this.#cors.headersFor(request.headers),
    ]
    return { status: 403, headers, body: request.method === 'HEAD' ? null : failBody.bytes }
  }

  #answerPage(request: EdgeRequest, path: string): EdgeResponse {
    const page = this.#options.page?.(path)
    if (page === undefined) return this.#refusals.refuse(request, 404)
    const { contentType, body } = page
    const content = describeContent(factsOfPage(body), { contentType, cacheControl: 'no-cache' })
    const options = { isMultiRangeEnabled: true, nowSeconds: this.#now() / 1000 }
    const answer = answerFile(request, content, options)
    switch (answer.kind) {
      case 'refused':
        return this.#refusals.refuse(request, answer.status, answer.headers)
      case 'not-modified':
        return { status: 304, headers: answer.headers, body: null }
      case 'content': {
        const bytes = request.method === 'HEAD' ? null : gatherPieces(answer.pieces, body)
        return { status: answer.status, headers: answer.headers, body: bytes }
      }
    }
  }

  /** `OPTIONS *` is about the server, all else about a URL, whether or not something is there. */
  #answerOptions(request: EdgeRequest): EdgeResponse {
    const { target, headers } = request
    if (target !== '*' && readRequestUrl(target, this.#options.urls).kind === 'malformed') {
      return this.#refusals.refuse(request, 400)
    }
    const crossOrigin = this.#cors.headersFor(headers)
    const preflight = this.#cors.preflightFor(headers, ALLOWED_METHODS)
    return {
      status: 204,
      headers: ['Allow', ALLOWED_METHODS, ...crossOrigin, ...preflight],
      body: null,
    }
  }
}

function factsOfPage(body: Buffer): Facts {
  const etag = `"${createHash('sha1').update(body).digest('hex')}"`
  const facts = { isImmutable: false, isPermanent: false, checksum: null }
  return { ...facts, size: body.length, modified: null, etag }
}
