import { randomBytes } from 'node:crypto'
import type { Context } from 'hono'
import { layout, type PageParts } from './layout.ts'

/** Nothing is loaded from anywhere, and no markup that slipped in could run or send anything. */
function policyOf(nonce: string): string {
  return [
    `default-src 'none'`,
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    `img-src data:`,
    `connect-src 'self'`,
    `form-action 'self'`,
    `base-uri 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ')
}

/** Answers with a page that is for this caller and this moment alone. */
export async function answerPage(
  context: Context,
  parts: Omit<PageParts, 'nonce'>,
): Promise<Response> {
  const nonce = randomBytes(16).toString('base64')
  context.header('Content-Security-Policy', policyOf(nonce))
  context.header('X-Content-Type-Options', 'nosniff')
  context.header('Referrer-Policy', 'no-referrer')
  context.header('Cross-Origin-Resource-Policy', 'same-origin')
  context.header('Cache-Control', 'no-store')
  return context.html(layout({ ...parts, nonce }))
}
