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
  readonly width: number
  /** Where it was after playing, after a jump to its end, and after one back. */
  readonly times: readonly [played: number, atEnd: number, back: number]
}

/** Plays a section's video for a moment, then jumps to its end and back. Runs in the browser. */
function watch(system: string): string {
  return `(async () => {
    const video = [...document.querySelectorAll('section')]
      .find((section) => section.querySelector('h2').textContent === '${system}')
      .querySelector('video')
    const until = (event, holds = () => true) => new Promise((resolve, reject) => {
      const fail = () => reject(new Error('no ' + event + ': ' + (video.error && video.error.message)))
      setTimeout(fail, 20000)
      video.addEventListener('error', fail)
      video.addEventListener(event, () => holds() && resolve())
    })
    const seek = async (seconds) => {
      const seeked = until('seeked')
      video.currentTime = seconds
      await seeked
      return video.currentTime
    }
    video.muted = true
    const moving = until('timeupdate', () => video.currentTime > 0)
    await video.play()
    await moving
    video.pause()
    const times = [video.currentTime, await seek(video.duration - 1), await seek(0.5)]
    return { duration: video.duration, width: video.videoWidth, times }
  })()`
}

describe('the sample page in Chromium, through nginx', () => {
  let up: Up
  let browser: Browser
  const cleanUp: (() => unknown)[] = []

  before(async () => {
    const folder = await temporaryFolder({ after: (fn) => cleanUp.push(fn) })
    up = await startUp(folder, await freePorts())
    assert.notEqual(up.url, up.edgeUrl, 'there is no nginx')
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

  async function open(size: typeof DESK, url = up.url): Promise<OpenPage> {
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
    await page.goto(url)
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

  for (const [name, size] of Object.entries({ phone: PHONE, desk: DESK })) {
    for (const system of ['FastDFS', 'MogileFS']) {
      test(`the video of ${system} plays on a ${name} and jumps to its end and back`, async () => {
        const { page, problems, ranges } = await open(size)
        const { duration, width, times } = await page.evaluate<MediaState>(watch(system))
        const [played, atEnd, back] = times
        assert.ok(width > 0)
        assert.ok(duration > 2)
        assert.ok(played > 0)
        assert.ok(Math.abs(atEnd - (duration - 1)) < 0.5, `${atEnd} of ${duration}`)
        assert.ok(Math.abs(back - 0.5) < 0.5, `${back}`)
        assert.ok(ranges.length > 0, 'the player asked for no range')
        await page.close()
        assert.deepEqual(problems, [])
      })
    }
  }

  test('a picture opens by its own URL', async () => {
    const { page } = await open(DESK)
    const href = await page.locator('li:has(img) a').first().getAttribute('href')
    const response = await page.goto(new URL(href ?? '', up.url).href)
    assert.equal(response?.status(), 200)
    assert.match(response?.headers()['content-type'] ?? '', /^image\//)
    await page.close()
  })

  test('is the same from the edge alone', async () => {
    const { page, problems } = await open(DESK, up.edgeUrl)
    const state = await page.evaluate<MediaState>(watch('FastDFS'))
    assert.ok(state.times[1] > 1)
    await page.close()
    assert.deepEqual(problems, [])
  })
})
