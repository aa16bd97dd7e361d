import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hono } from 'hono'
import { html } from 'hono/html'
import { answerPage } from '../../src/admin/answer-page.ts'
import { explainForm, type Html, state, table } from '../../src/admin/layout.ts'

async function pageOf(body: Html, title = 'a title'): Promise<Response> {
  const app = new Hono()
  app.get('/', (context) => answerPage(context, { title, body, here: '/', script: 'go()' }))
  return app.request('/')
}

test('stylesheet and script run by a nonce that is new each time, and nothing else does', async () => {
  const [one, two] = [await pageOf(html``), await pageOf(html``)]
  const policy = one.headers.get('content-security-policy') ?? ''
  const [, nonce = ''] = /script-src 'nonce-([^']+)'/.exec(policy) ?? []
  const text = await one.text()
  assert.ok(text.includes(`<script nonce="${nonce}">go()</script>`), text)
  assert.ok(text.includes(`<style nonce="${nonce}">`), text)
  assert.match(policy, /^default-src 'none';/)
  assert.doesNotMatch(policy, /unsafe|https?:|\*/)
  assert.notEqual(policy, two.headers.get('content-security-policy'))
  assert.equal(one.headers.get('cache-control'), 'no-store')
})

test('whatever is told is escaped: titles, cells, words and what was asked', async () => {
  const evil = `"><script>alert(1)</script>'`
  const body = html`${explainForm(evil)}${state('bad', evil)}${table(evil, [{ name: evil }], [[evil]])}`
  const text = await (await pageOf(body, evil)).text()
  assert.ok(!text.includes('<script>'), text)
  assert.equal(text.split('&lt;script&gt;').length - 1, 7)
})
