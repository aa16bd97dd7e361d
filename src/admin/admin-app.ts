import { setTimeout as pause } from 'node:timers/promises'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { answerPage } from './answer-page.ts'
import type { EventStreams } from './event-streams.ts'
import { type Explain, ExplainAnswers } from './explain/answer-explain.ts'
import { challengeFor, Guard, type GuardOptions } from './guard.ts'
import type { PurgeAnswer } from './purge.ts'
import { type PurgeTarget, readPurgeTarget } from './purge-target.ts'
import { readinessOf } from './readiness.ts'
import type { MetricsText } from './render-metrics.ts'
import type { Status } from './status.ts'
import { PageChanges, statusPage } from './status-page.ts'

export interface AdminOptions extends GuardOptions {
  /** Undefined: there is nothing that the target could mean. */
  purge(target: PurgeTarget): Promise<PurgeAnswer | undefined>
  /** Why a URL is answered as it is. */
  readonly explain: Explain
  /** For Prometheus. */
  metrics(): Promise<MetricsText>
  /** How everything is, at most seconds ago. */
  status(): Promise<Status>
  /** The same, as soon as possible. */
  statusInHaste(): Promise<Status>
  /** For pages that renew themselves. */
  readonly streams: EventStreams
  readonly log: { error(fields: object, message: string): void }
}

const MAX_BODY_BYTES = 64 * 1024
const READ_ONLY = [
  '/',
  '/events',
  '/explain',
  '/healthz',
  '/metrics',
  '/readyz',
  '/status',
] as const

/**
 * What operators ask of an edge, on a listener of its own:
 * - `GET /`: a page for people, which renews itself from `GET /events`.
 * - `GET /status`: the same as JSON (`Status`).
 * - `GET /healthz`: the process runs; also without a token.
 * - `GET /readyz`: `{"ready": true, "reasons": [], "warnings": [..]}`; 503 and why where it is not.
 * - `GET /metrics`: the metrics of `metric-table.ts`, of all edge processes together.
 * - `POST /purge` of `{"url": ".."}` or `{"prefix": ".."}`: `{"removed": {"locations": 1, ..}}`; 400 for
 *   what is no URL, 500 with the same and an `error` where not all could be removed.
 * - `GET /explain?url=..`: why a URL is answered as it is, a page or JSON.
 *
 * All else is 404, another method 405; 401 without the token, 403 for pages of other sites. A token is
 * a bearer's or a password's: a browser asks for one.
 */
export function createAdminApp(options: AdminOptions): Hono {
  const app = new Hono()
  const guard = new Guard(options)
  app.get('/healthz', (context) => context.text('ok\n'))
  app.use(async (context, next) => {
    const refusal = guard.refuse(context.req.raw)
    if (refusal === undefined) return next()
    if (refusal.status === 401) {
      context.header('WWW-Authenticate', challengeFor(context.req.raw.headers))
    }
    return context.json({ error: refusal.error }, refusal.status)
  })
  app.get('/readyz', async (context) => {
    const status = await options.statusInHaste()
    const readiness = readinessOf(status)
    const { warnings } = status
    return context.json({ ...readiness, warnings }, readiness.ready ? 200 : 503)
  })
  app.get('/metrics', async (context) => {
    const { contentType, text } = await options.metrics()
    return context.body(text, 200, { 'Content-Type': contentType })
  })
  app.get('/status', async (context) => context.json(await options.status()))
  app.get('/', async (context) => answerPage(context, statusPage(await options.status())))
  app.get('/events', (context) => answerEvents(context, options))
  const explanations = new ExplainAnswers(options.explain)
  app.get('/explain', (context) => explanations.answer(context))
  const onError = (context: Context) => context.json({ error: 'the body is too large' }, 413)
  app.post('/purge', bodyLimit({ maxSize: MAX_BODY_BYTES, onError }), (context) =>
    answerPurge(context, options),
  )
  allowOnly(app, '/purge', 'POST')
  for (const path of READ_ONLY) allowOnly(app, path, 'GET, HEAD')
  app.notFound((context) => context.json({ error: 'there is nothing here' }, 404))
  app.onError((err, context) => {
    options.log.error({ err, path: context.req.path }, 'an admin request failed')
    return context.json({ error: err.message }, 500)
  })
  return app
}

/** Between two looks at how things are. */
const RENEWAL_MS = 2000

function answerEvents(context: Context, { status, streams }: AdminOptions): Response {
  // Nobody would read the stream to its end.
  if (context.req.method === 'HEAD') return context.body(null)
  const answer = streams.open((signal) => {
    const changes = new PageChanges()
    let pauseMs = 0
    return async () => {
      await pause(pauseMs, undefined, { signal, ref: false }).catch(() => undefined)
      pauseMs = RENEWAL_MS
      return signal.aborted ? undefined : JSON.stringify(await changes.of(await status()))
    }
  })
  if (answer !== undefined) return answer
  context.header('Retry-After', '30')
  return context.json({ error: 'too many pages are open' }, 503)
}

async function answerPurge(context: Context, { purge }: AdminOptions): Promise<Response> {
  // A page's form cannot send this type, and its script only after a preflight.
  if (!/^application\/json\b/i.test(context.req.header('content-type') ?? '')) {
    return context.json({ error: 'a purge is application/json' }, 415)
  }
  const target = readPurgeTarget(await context.req.json().catch(() => undefined))
  if (target === undefined) {
    return context.json({ error: 'a purge is {"url": ".."} or {"prefix": ".."}' }, 400)
  }
  const answer = await purge(target)
  if (answer === undefined) return context.json({ error: 'that is no URL of a file' }, 400)
  return context.json(answer, answer.error === undefined ? 200 : 500)
}

function allowOnly(app: Hono, path: string, methods: string): void {
  app.all(path, (context) => {
    context.header('Allow', methods)
    return context.json({ error: `only ${methods} here` }, 405)
  })
}
