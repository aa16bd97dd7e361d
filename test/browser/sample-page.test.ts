import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchChromium } from '../support/chromium.ts'
import { freePorts, startUp, type Up } from '../support/command-line.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const PHONE = { width: 390, height: 844 }
const DESK = { width: 1280, height: 900 }

interface MediaState {
  readonly duration: number
  readonly currentTime: number
  readonly width: number
}

describe('the sample page in Chromium', () => {
  let up: Up
  let browser: Browser
  const cleanUp: (() => unknown)[] = []

  before(async () => {
    const folder = await temporaryFolder({ after: (fn) => cleanUp.push(fn) })
    up = await startUp(folder, await freePorts())
    browser = await launchChromium()
  })
  after(async () => {
    await browser?.close()
    await up?.stop()
    for (const clean of cleanUp) await clean()
  })

  interface OpenPage {
    readonly page: Page
    readonly problems: string[]
    /** Content-Range of every partial answer. */
    readonly ranges: string[]
  }

  async function open(size: typeof DESK): Promise<OpenPage> {
    const page = await browser.newPage({ viewport: size })
    page.setDefaultTimeout(30_000)
    const problems: string[] = []
    const ranges: string[] = []
    page.on('response', (response) => {
      const range = response.headers()['content-range']
      if (response.status() === 206 && range !== undefined) ranges.push(range)
    })
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()))
    page.on('pageerror', (error) => problems.push(error.message))
    page.on('requestfailed', (request) => {
      // A player gives up what it has enough of.
      if (request.resourceType() !== 'media') problems.push(`${request.url()} failed`)
    })
    await page.goto(up.url)
    return { page, problems, ranges }
  }

  for (const [name, size] of Object.entries({ phone: PHONE, desk: DESK })) {
    test(`shows every picture on a ${name}, without an error and without scrolling sideways`, async () => {
      const { page, problems } = await open(size)
      const widths = await page.locator('img').evaluateAll(async (images) => {
        for (const image of images) image.setAttribute('loading', 'eager')
        // The types of a browser are not those of this program.
        type Picture = { decode(): Promise<void>; naturalWidth: number }
        const pictures = images as unknown as Picture[]
        await Promise.all(pictures.map((picture) => picture.decode()))
        return pictures.map(({ naturalWidth }) => naturalWidth)
      })
      assert.equal(widths.length, 8)
      assert.ok(
        widths.every((width) => width > 0),
        'a picture is not shown',
      )
      const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
      assert.ok(Number(overflow) <= 0)
      await page.close()
      assert.deepEqual(problems, [])
    })
  }

  for (const system of ['FastDFS', 'MogileFS']) {
    test(`the video of ${system} loads and seeks by ranges`, async () => {
      const { page, problems, ranges } = await open(DESK)
      const state = await page.evaluate<MediaState>(`new Promise((resolve, reject) => {
      const video = [...document.querySelectorAll('section')]
        .find((section) => section.querySelector('h2').textContent === '${system}')
        .querySelector('video')
      const fail = () => reject(new Error('the video fails: ' + (video.error && video.error.message)))
      setTimeout(fail, 20000)
      video.addEventListener('error', fail)
      const seek = () => {
        video.addEventListener('seeked', () => resolve({
          duration: video.duration, currentTime: video.currentTime, width: video.videoWidth,
        }), { once: true })
        video.currentTime = video.duration - 1
      }
      if (video.readyState >= 1) seek()
      else video.addEventListener('loadedmetadata', seek, { once: true })
    })`)
      assert.ok(state.width > 0)
      assert.ok(state.duration > 2)
      assert.ok(Math.abs(state.currentTime - (state.duration - 1)) < 0.5)
      assert.ok(ranges.length > 0, 'the player asked for no range')
      await page.close()
      assert.deepEqual(problems, [])
    })
  }

  test('a picture opens by its own URL', async () => {
    const { page } = await open(DESK)
    const href = await page.locator('li:has(img) a').first().getAttribute('href')
    const response = await page.goto(new URL(href ?? '', up.url).href)
    assert.equal(response?.status(), 200)
    assert.match(response?.headers()['content-type'] ?? '', /^image\//)
    await page.close()
  })
})
