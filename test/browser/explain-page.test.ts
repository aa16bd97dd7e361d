import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { formatAddress } from '../../src/client/address.ts'
import { launchChromium } from '../support/chromium.ts'
import { ExplainWorld } from '../support/explain-world.ts'
import {
  assertAccessible,
  assertNoOverflow,
  keepScreenshot,
  openPage,
  VIEWS,
} from '../support/page-checks.ts'
import { ServeProcess } from '../support/serve-process.ts'

describe('the page that explains a URL, in Chromium', () => {
  const world = new ExplainWorld()
  let serve: ServeProcess
  let browser: Browser

  before(async () => {
    await world.start()
    const { fastdfs, mogilefs } = world
    const trackers = mogilefs.store.trackers.map(({ address }) => formatAddress(address))
    const settings = `tracker_server = ${formatAddress(fastdfs.store.tracker.address)}\ntrackers = ${trackers}`
    serve = await ServeProcess.start(world, settings)
    browser = await launchChromium()
  })
  after(async () => {
    await browser?.close()
    await world.stop()
  })

  for (const view of VIEWS) {
    const name = `${view.width} pixels wide and ${view.colorScheme}`
    test(`is asked by keyboard and answers, ${name}`, async () => {
      const { page, problems } = await openPage(browser, `${serve.admin}/explain`, view)
      await assertNoOverflow(page)
      await assertAccessible(page)
      await page.getByLabel('URL').focus()
      await page.keyboard.type('/imgs/a.jpg')
      await page.keyboard.press('Enter')
      const verdict = page.locator('.verdict.bad[data-cause="unknown_domain"]')
      assert.match(await verdict.innerText(), /did you mean "img"\?/)
      assert.equal(await page.getByLabel('URL').inputValue(), '/imgs/a.jpg')
      await assertNoOverflow(page)
      await assertAccessible(page)
      await keepScreenshot(page, 'explain', view)
      assert.deepEqual(problems, [])
      await page.close()
    })
  }

  test('shows each storage of a file', async () => {
    const path = `/explain?url=${encodeURIComponent(await world.uploadUrl('jpg'))}`
    // Narrow and dark, wide and light.
    for (const view of VIEWS.slice(1, 3)) {
      const { page, problems } = await openPage(browser, `${serve.admin}${path}`, view)
      const rows = page.getByRole('table', { name: 'replicas' }).locator('tbody tr')
      assert.equal(await rows.count(), 2)
      assert.match((await rows.allInnerTexts()).join('\n'), /127\.0\.0\.2:\d+ \(source\)/)
      await assertNoOverflow(page)
      await assertAccessible(page)
      assert.deepEqual(problems, [])
      await page.close()
    }
  })

  test('says on the page what is wrong with a date', async () => {
    const page = await browser.newPage()
    const response = await page.goto(`${serve.admin}/explain?url=/img/a.jpg&date=yesterday`)
    assert.equal(response?.status(), 400)
    assert.match(await page.getByRole('alert').innerText(), /^Date is no date as in HTTP, such as/)
    assert.equal(await page.getByLabel('URL').inputValue(), '/img/a.jpg')
    await page.close()
  })
})
