import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'node:test'
import { createAdminApp } from '../../../src/admin/admin-app.ts'
import type { Explain } from '../../../src/admin/explain/answer-explain.ts'
import { explainOnce } from '../../../src/app/explain-sources.ts'
import { adminOptions } from '../../support/admin-options.ts'
import { ExplainWorld } from '../../support/explain-world.ts'
import { waitFor } from '../../support/wait-for.ts'

const world = new ExplainWorld()
const TOKEN = 'a-token-of-the-admin-listener'
const HTML = { Accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' }

function ask(query: Record<string, string>, headers = {}, explain: Explain = fromWorld) {
  const app = createAdminApp({
    ...adminOptions(),
    token: TOKEN,
    explain,
  })
  const url = `http://127.0.0.1:8091/explain?${new URLSearchParams(query)}`
  return app.request(url, { headers: { Authorization: `Bearer ${TOKEN}`, ...headers } })
}

const fromWorld: Explain = (question) => explainOnce(question, world.conf())

describe('/explain', () => {
  before(() => world.start())
  afterEach(() => world.heal())
  after(() => world.stop())

  it('gives programs the explanation as it is', async () => {
    const response = await ask({ url: '/imgs/a.jpg' })
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    const { verdict, lookups } = JSON.parse(await response.text())
    assert.deepEqual([verdict.cause, verdict.status], ['unknown_domain', 404])
    assert.equal(lookups.length, 1)
  })

  it('gives browsers a page with the sentence and the form, filled in', async () => {
    const url = await world.uploadUrl('jpg')
    const response = await ask({ url, host: 'img.example.com' }, HTML)
    assert.match(response.headers.get('content-type') ?? '', /^text\/html/)
    const page = await response.text()
    assert.match(page, /All is well: a client gets 5000 bytes of image\/jpeg/)
    assert.ok(page.includes(`value="${url}"`), page)
    assert.match(page, /value="img\.example\.com"/)
    assert.match(page, /data-cause="served"/)
  })

  it('escapes what the URL holds', async () => {
    const url = `/img/"><script>alert(1)</script>`
    const page = await (await ask({ url }, HTML)).text()
    assert.doesNotMatch(page, /<script>alert/)
    assert.match(page, /&lt;script&gt;alert/)
  })

  it('is a form alone without a URL, and an error for programs', async () => {
    const form = await ask({}, HTML)
    assert.equal(form.status, 200)
    assert.match(await form.text(), /<form class="ask fields" action="\/explain" method="get">/)
    assert.equal((await ask({})).status, 400)
  })

  it('takes the date of a client', async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString()
    const { token } = JSON.parse(await (await ask({ url: '/img/a', date })).text())
    assert.ok(Math.abs(token.clockDifferenceSeconds + 3600) < 60)
    assert.equal((await ask({ url: '/img/a', date: 'yesterday' })).status, 400)
  })

  it('asks for the token of the listener', async () => {
    const response = await ask({ url: '/img/a' }, { Authorization: 'Bearer wrong' })
    assert.equal(response.status, 401)
  })

  it('lets no more than four ask at a time', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    let asked = 0
    const app = createAdminApp({
      ...adminOptions(),
      explain: async (question) => {
        asked += 1
        await promise
        return fromWorld(question)
      },
    })
    const request = () =>
      app.request('http://127.0.0.1/explain?url=/', { headers: { Host: '127.0.0.1' } })
    const waiting = Array.from({ length: 4 }, request)
    await waitFor('four questions', () => asked === 4)
    const fifth = await request()
    assert.deepEqual([fifth.status, fifth.headers.get('retry-after')], [503, '2'])
    resolve()
    for (const one of waiting) assert.equal((await one).status, 200)
    assert.equal((await request()).status, 200)
  })
})
