import type { Caller } from './caller.ts'
import type { RequestTrace } from './request-trace.ts'

/** The header fields that the edge looks at; repeated fields are joined by `, `. */
export interface RequestHeaders {
  readonly 'access-control-request-method'?: string | undefined
  readonly connection?: string | undefined
  readonly 'content-length'?: string | undefined
  readonly expect?: string | undefined
  readonly host?: string | undefined
  readonly 'if-match'?: string | undefined
  readonly 'if-modified-since'?: string | undefined
  readonly 'if-none-match'?: string | undefined
  readonly 'if-range'?: string | undefined
  readonly 'if-unmodified-since'?: string | undefined
  readonly origin?: string | undefined
  readonly range?: string | undefined
  readonly 'transfer-encoding'?: string | undefined
  readonly 'x-dfs-args'?: string | undefined
  readonly 'x-dfs-fid'?: string | undefined
  readonly 'x-dfs-question'?: string | undefined
  readonly 'x-dfs-token-checked'?: string | undefined
  readonly 'x-mogilefs-domain'?: string | undefined
  readonly 'x-real-ip'?: string | undefined
  readonly 'x-request-id'?: string | undefined
}

export interface EdgeRequest {
  readonly method: string
  /** The request-target as it came. */
  readonly target: string
  readonly headers: RequestHeaders
  readonly caller: Caller
  /** Takes what is learnt on the way to the answer. */
  readonly trace: RequestTrace
  /**
   * Asks for leave to work on an answer that has to be waited for.
   * @returns a signal that aborts when the client has gone
   * @throws EdgeError overloaded
   */
  admit(): AbortSignal
}

/** Name, value, name, value, .. as node:http takes it. */
export type HeaderList = string[]

export interface BodyStream {
  readonly length: number
  readonly chunks: AsyncIterable<Buffer>
}

export interface EdgeResponse {
  readonly status: number
  /** With `Content-Length` wherever the status has content, and never with `Connection`. */
  readonly headers: HeaderList
  readonly body: Buffer | BodyStream | null
}

/** What the log of the application looks like from here. */
export interface EdgeLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
