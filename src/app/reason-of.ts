import { asEdgeError } from '../errors.ts'

/** Why a question to one daemon failed: what it did is in the cause, the system's word for it below. */
export function reasonOf(thrown: unknown): string {
  const error = asEdgeError(thrown)
  const said = error.cause instanceof Error ? error.cause : error
  const code: unknown = said.cause instanceof Error ? Reflect.get(said.cause, 'code') : undefined
  const isNews = typeof code === 'string' && !said.message.includes(code)
  return isNews ? `${said.message} (${code})` : said.message
}
