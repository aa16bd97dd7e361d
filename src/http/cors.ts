import type { RequestHeaders } from './message.ts'

export interface CorsOptions {
  /** `*`, or the origins that may read answers, as browsers write them: `https://shop.example`. */
  readonly origins: '*' | readonly string[]
  /** How long a browser may remember a preflight's answer. */
  readonly maxAgeSeconds?: number
}

const ALLOWED_HEADERS =
  'Range, If-Match, If-None-Match, If-Modified-Since, If-Unmodified-Since, If-Range, Cache-Control'
const EXPOSED_HEADERS =
  'Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, X-Request-Id'
const DEFAULT_MAX_AGE_SECONDS = 86_400

/** Cross-origin headers (the Fetch standard); none at all where CORS is not enabled. */
export class Cors {
  readonly #options: CorsOptions | undefined

  constructor(options: CorsOptions | undefined) {
    this.#options = options
  }

  /** For every answer. Where the origin matters, caches are told so even if none was sent. */
  headersFor(request: RequestHeaders): readonly string[] {
    const allowed = this.#allowedOrigin(request.origin)
    const vary = Array.isArray(this.#options?.origins) ? ['Vary', 'Origin'] : []
    if (allowed === undefined) return vary
    return [
      'Access-Control-Allow-Origin',
      allowed,
      'Access-Control-Expose-Headers',
      EXPOSED_HEADERS,
      ...vary,
    ]
  }

  /** What an OPTIONS request gets besides: permission, if it is a preflight that may have it. */
  preflightFor(request: RequestHeaders, methods: string): readonly string[] {
    if (request['access-control-request-method'] === undefined) return []
    if (request.origin === undefined || this.#allowedOrigin(request.origin) === undefined) return []
    return [
      'Access-Control-Allow-Methods',
      methods,
      'Access-Control-Allow-Headers',
      ALLOWED_HEADERS,
      'Access-Control-Max-Age',
      `${this.#options?.maxAgeSeconds ?? DEFAULT_MAX_AGE_SECONDS}`,
    ]
  }

  #allowedOrigin(origin: string | undefined): string | undefined {
    const origins = this.#options?.origins
    if (origins === undefined || origins === '*') return origins
    return origin !== undefined && origins.includes(origin) ? origin : undefined
  }
}
