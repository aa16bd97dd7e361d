import { html } from 'hono/html'
import { type Html, state } from './layout.ts'

/** What daemons and clients say may be of any length. */
const TEXT_MAX = 300

export function section(title: string, body: Html): Html {
  return html`<h2>${title}</h2>
${body}`
}

export function clip(text: string): string {
  return text.length > TEXT_MAX ? `${text.slice(0, TEXT_MAX)}…` : text
}

/** How full something is; its number stands beside it. @param share from 0 to 1 */
export function bar(share: number, level: '' | 'look' | 'bad' = ''): Html {
  const width = Number((Math.min(1, Math.max(0, share)) * 100).toFixed(1))
  return html`<svg class="bar ${level}" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
<rect width="100" height="4"/><rect width="${width}" height="4"/></svg>`
}

/** Of a daemon that was asked: what it is, and why. */
export function answerState(error: string | null): Html {
  if (error === null) return state('ok', 'answers')
  return html`${state('bad', 'no answer')}<small class="why">${clip(error)}</small>`
}
