import type { Context } from 'hono'
import { parseHttpDate } from '../../http/http-date.ts'
import { answerPage } from '../answer-page.ts'
import type { ExplainQuestion } from './explain.ts'
import type { Explanation } from './explanation.ts'
import { type AskedForm, renderExplain } from './render.ts'

export type Explain = (question: ExplainQuestion) => Promise<Explanation>

/** Each asks every daemon that has a part in the answer. */
const AT_A_TIME = 4

/**
 * `GET /explain?url=..[&host=..][&date=..]`: a page for browsers, for all others the explanation as it
 * is; 400 for a date that is none, 503 with Retry-After where too many ask at once.
 */
export class ExplainAnswers {
  readonly #explain: Explain
  #underWay = 0

  constructor(explain: Explain) {
    this.#explain = explain
  }

  async answer(context: Context): Promise<Response> {
    const { url = '', host = '', date = '' } = context.req.query()
    const asked = { url: url.trim(), host: host.trim(), date: date.trim() }
    const dateSeconds = asked.date === '' ? undefined : parseHttpDate(asked.date, Date.now() / 1000)
    if (asked.date !== '' && dateSeconds === undefined) return refuse(context, asked, 'date')
    if (asked.url === '') return answerForm(context, asked)
    if (this.#underWay >= AT_A_TIME) {
      context.header('Retry-After', '2')
      return refuse(context, asked, 'busy')
    }
    const explanation = await this.#explainOne(asked, dateSeconds)
    if (!isBrowser(context)) return context.json(explanation)
    return page(context, asked, explanation)
  }

  async #explainOne(
    { url, host }: AskedForm,
    dateSeconds: number | undefined,
  ): Promise<Explanation> {
    this.#underWay += 1
    try {
      return await this.#explain({ url, host: host === '' ? undefined : host, dateSeconds })
    } finally {
      this.#underWay -= 1
    }
  }
}

const REFUSALS = {
  date: { status: 400, error: 'date is no date as in HTTP, such as Sun, 06 Nov 1994 08:49:37 GMT' },
  busy: { status: 503, error: 'other explanations are under way, ask again in two seconds' },
} as const

function refuse(
  context: Context,
  asked: AskedForm,
  why: keyof typeof REFUSALS,
): Response | Promise<Response> {
  const { status, error } = REFUSALS[why]
  if (!isBrowser(context)) return context.json({ error }, status)
  context.status(status)
  return page(context, asked, `${error[0]?.toUpperCase()}${error.slice(1)}.`)
}

function answerForm(context: Context, asked: AskedForm): Response | Promise<Response> {
  if (isBrowser(context)) return page(context, asked, null)
  return context.json({ error: 'the URL to explain is missing: /explain?url=..' }, 400)
}

function page(
  context: Context,
  asked: AskedForm,
  found: Explanation | string | null,
): Promise<Response> {
  context.header('Vary', 'Accept')
  const body = renderExplain(asked, found)
  return answerPage(context, { title: 'Explain: dfs-edge', here: '/explain', body })
}

function isBrowser(context: Context): boolean {
  return /\btext\/html\b/i.test(context.req.header('accept') ?? '')
}
