import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, describe, test } from 'node:test'
import { createAdaptorServer } from '@hono/node-server'
import type { Browser, Page } from 'playwright-core'
import { createAdminApp } from '../../src/admin/admin-app.ts'
import type { Status } from '../../src/admin/status.ts'
import { adminOptions } from '../support/admin-options.ts'
import { launchChromium } from '../support/chromium.ts'
import { startStack } from '../support/edge-stack.ts'
import { freePort } from '../support/free-port.ts'
import {
  assertAccessible,
  assertNoOverflow,
  keepScreenshot,
  openPage,
  VIEWS,
} from '../support/page-checks.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { failure, processReport, status, troubledStatus } from '../support/status-fixture.ts'

interface TestContext {
  after(fn: () => unknown): void
}

interface Listener {
  readonly url: string
  stop(): Promise<void>
}

async function listen(make: () => Status, port = 0): Promise<Listener> {
  const app = createAdminApp(adminOptions(make))
  const server = createAdaptorServer({ fetch: app.fetch })
  const listening = once(server, 'listening')
  server.listen(port, '127.0.0.1')
  await listening
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const stop = async (): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
    await closed
  }
  return { url: `http://127.0.0.1:${address.port}/`, stop }
}

async function serve(t: TestContext, make: () => Status): Promise<string> {
  const listener = await listen(make)
  t.after(() => listener.stop())
  return listener.url
}

/** The page's own policy forbids what `waitForFunction` does. */
function untilSays(page: Page, text: RegExp): Promise<void> {
  return page.locator('#live', { hasText: text }).waitFor()
}

describe('the status page in Chromium', () => {
  let browser: Browser
  before(async () => {
    browser = await launchChromium()
  })
  after(() => browser?.close())

  for (const view of VIEWS) {
    const name = `${view.width} pixels wide and ${view.colorScheme}`
    for (const [what, make] of Object.entries({ well: status, troubled: troubledStatus })) {
      test(`${what}, ${name}: no error, nothing to scroll sideways, all can read it`, async (t) => {
        const { page, problems } = await openPage(browser, await serve(t, make), view)
        await untilSays(page, /^Live/)
        await assertNoOverflow(page)
        await assertAccessible(page)
        await keepScreenshot(page, `status-${what}`, view)
        await page.close()
        assert.deepEqual(problems, [])
      })
    }
  }

  test('names that are markup are text, and long ones are broken', async (t) => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
    const failures = [failure({ host: evil, ref: 'x'.repeat(5000), reason: evil })]
    const make = () => status({ processes: [processReport({ failures })], warnings: [evil] })
    const view = { width: 360, colorScheme: 'light' } as const
    const { page, problems } = await openPage(browser, await serve(t, make), view)
    await untilSays(page, /^Live/)
    assert.equal(await page.locator('img').count(), 0)
    assert.ok((await page.locator('#summary').innerText()).includes(evil))
    assert.match(await page.title(), /^▲ Files are served/)
    await assertNoOverflow(page)
    await page.close()
    assert.deepEqual(problems, [])
  })

  test('the form is reached and sent by the keyboard, and stays what it is while the page renews itself', async (t) => {
    let current = status()
    const { page } = await openPage(browser, await serve(t, () => current))
    await untilSays(page, /^Live/)
    const focused = (): Promise<string> => page.evaluate('document.activeElement.id')
    for (let presses = 0; (await focused()) !== 'url' && presses < 9; presses += 1) {
      await page.keyboard.press('Tab')
    }
    await page.keyboard.type('/img/a b&c')
    current = troubledStatus()
    await page.getByText('Files are served, and 6 things need a look.').waitFor()
    assert.equal(await focused(), 'url')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/explain\?url=%2Fimg%2Fa(?:\+|%20)b%26c$/)
    await page.close()
  })

  test('what is selected stays while all else is renewed', async (t) => {
    let current = status()
    const { page } = await openPage(browser, await serve(t, () => current))
    await untilSays(page, /^Live/)
    await page.evaluate(`
      const cell = document.querySelector('#fastdfs table')
      getSelection().selectAllChildren(cell)`)
    const selected = await page.evaluate('String(getSelection())')
    current = troubledStatus()
    await page.getByText('Files are served, and 6 things need a look.').waitFor()
    await untilSays(page, /what you have selected is as it was/)
    assert.equal(await page.evaluate('String(getSelection())'), selected)
    const fails = page.locator('#fastdfs').getByText('no answer', { exact: true })
    assert.equal(await fails.count(), 0)
    await page.evaluate('getSelection().removeAllRanges()')
    await fails.waitFor()
    await page.close()
  })

  test('says when the edge is gone, and goes on when it is back', async () => {
    const port = await freePort()
    const first = await listen(status, port)
    const { page } = await openPage(browser, first.url)
    await untilSays(page, /^Live/)
    await first.stop()
    await page.getByText(/Connection lost\. This is how things were at 01:23:45 UTC/).waitFor()
    const second = await listen(troubledStatus, port)
    await page.getByText('Files are served, and 6 things need a look.').waitFor()
    await untilSays(page, /^Live/)
    await page.close()
    await second.stop()
  })

  test('asks nothing while nobody sees it', async (t) => {
    let asked = 0
    const make = (): Status => {
      asked += 1
      return status()
    }
    const { page } = await openPage(browser, await serve(t, make))
    await untilSays(page, /^Live/)
    await page.evaluate(`
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })
      document.dispatchEvent(new Event('visibilitychange'))`)
    await untilSays(page, /^Paused/)
    assert.equal(await page.evaluate('source.readyState'), 2)
    const before = asked
    await page.evaluate(`
      Object.defineProperty(document, 'hidden', { configurable: true, get: () => false })
      document.dispatchEvent(new Event('visibilitychange'))`)
    await untilSays(page, /^Live/)
    assert.ok(asked > before)
    await page.close()
  })

  test('without JavaScript there is a link that renews it', async (t) => {
    let current = status()
    const context = await browser.newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(await serve(t, () => current))
    await page.getByText('All is well.').waitFor()
    current = troubledStatus()
    await page.getByRole('link', { name: 'Reload' }).click()
    await page.getByText('Files are served, and 6 things need a look.').waitFor()
    await context.close()
  })

  test('a storage that dies is told of without a reload, behind a password', async (t) => {
    const stack = await startStack(t, { storages: 2 })
    const { host, port } = stack.store.tracker.address
    const settings = `tracker_server = ${host}:${port}\nadmin_token = correct-horse-battery`
    const edge = await ServeProcess.start(t, settings)
    assert.equal((await fetch(edge.admin)).status, 401)
    const httpCredentials = { username: 'operator', password: 'correct-horse-battery' }
    const context = await browser.newContext({ httpCredentials })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    await page.goto(edge.admin)
    await untilSays(page, /^Live/)
    await page.evaluate('window.isTheSame = true')
    const [, storage] = stack.store.storages
    await storage?.stop()
    await page.getByText(/^Storage 127\.0\.0\.3:[0-9]+ of group1 does not answer/).waitFor()
    assert.equal(await page.getByText('no answer', { exact: true }).count(), 1)
    assert.equal(await page.evaluate('window.isTheSame'), true)
    await context.close()
  })
})
