export type HeaderField = readonly [name: string, value: string | number]

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  206: 'Partial Content',
  304: 'Not Modified',
  400: 'Bad request',
  403: 'Forbidden',
  404: 'Not Found',
  416: 'Request range not satisfiable',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}

export interface AnswerHead {
  readonly status: number
  readonly fields: readonly HeaderField[]
  readonly isKeepAlive: boolean
}

/** The status line says HTTP/1.0 whatever was asked. Nobody counts to `max`. */
export function encodeHead({ status, fields, isKeepAlive }: AnswerHead): Buffer {
  const kept: readonly HeaderField[] = [
    ['Connection', 'keep-alive'],
    ['Keep-Alive', 'timeout=30, max=100'],
  ]
  const all = [...fields, ...(isKeepAlive ? kept : [['Connection', 'close'] as const])]
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`HTTP/1.0 ${status} ${reasonOf(status)}\r\n${lines.join('')}\r\n`, 'latin1')
}

export interface ShortAnswer {
  readonly status: number
  readonly text?: string
}

/** An answer without a file: a heading, and a line of text for some. HEAD gets its length alone. */
export function encodeShortAnswer(
  { status, text = '' }: ShortAnswer,
  { method, isKeepAlive }: { readonly method: string; readonly isKeepAlive: boolean },
): Buffer {
  const body = Buffer.from(`<h1>${status} - ${reasonOf(status)}</h1>\n${text}`)
  const fields: readonly HeaderField[] = [
    ['Content-Type', 'text/html'],
    ['Content-Length', body.length],
    ['Server', 'Perlbal'],
  ]
  const head = encodeHead({ status, fields, isKeepAlive })
  return method === 'HEAD' ? head : Buffer.concat([head, body])
}

function reasonOf(status: number): string {
  return REASONS[status] ?? 'Unknown'
}
