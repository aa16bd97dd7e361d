import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { formatAddress } from '../../src/client/address.ts'
import { launchChromium } from '../support/chromium.ts'
import { ExplainWorld } from '../support/explain-world.ts'
import { ServeProcess } from '../support/serve-process.ts'

const PHONE = { width: 390, height: 844 }
const DESK = { width: 1280, height: 900 }

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

  /** @returns what the console of the page has said */
  async function open(viewport: { width: number; height: number }, path: string) {
    const page = await browser.newPage({ viewport })
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(`${error}`))
    await page.goto(`${serve.admin}${path}`)
    return { page, said }
  }

  async function assertNoSideScroll(page: Page): Promise<void> {
    const isTooWide = await page.evaluate('document.documentElement.scrollWidth > innerWidth')
    assert.equal(isTooWide, false)
  }

  for (const viewport of [PHONE, DESK]) {
    test(`is asked by keyboard and answers, ${viewport.width} wide`, async () => {
      const { page, said } = await open(viewport, '/explain')
      await page.getByLabel('URL').focus()
      await page.keyboard.type('/imgs/a.jpg')
      await page.keyboard.press('Enter')
      const verdict = page.locator('.verdict.bad[data-cause="unknown_domain"]')
      assert.match(await verdict.innerText(), /did you mean "img"\?/)
      assert.equal(await page.getByLabel('URL').inputValue(), '/imgs/a.jpg')
      await assertNoSideScroll(page)
      assert.deepEqual(said, [])
      await page.close()
    })
  }

  test('shows each storage of a file', async () => {
    const url = await world.uploadUrl('jpg')
    const { page, said } = await open(PHONE, `/explain?url=${encodeURIComponent(url)}`)
    const rows = page.getByRole('table', { name: 'replicas' }).locator('tbody tr')
    assert.equal(await rows.count(), 2)
    assert.match((await rows.allInnerTexts()).join('\n'), /127\.0\.0\.2:\d+ \(source\)/)
    await assertNoSideScroll(page)
    assert.deepEqual(said, [])
    await page.close()
  })
})
