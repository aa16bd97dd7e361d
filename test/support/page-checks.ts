import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export interface View {
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
}

export const VIEWS: readonly View[] = [360, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ width, colorScheme })),
)

export interface OpenPage {
  readonly page: Page
  /** What the console and the network complained of. */
  readonly problems: string[]
}

export async function openPage(
  browser: Browser,
  url: string,
  { width, colorScheme }: View = { width: 1280, colorScheme: 'light' },
): Promise<OpenPage> {
  const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
  page.setDefaultTimeout(30_000)
  const problems: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  await page.goto(url)
  return { page, problems }
}

const SCREENSHOTS = fileURLToPath(new URL('../../var/screenshots/', import.meta.url))

/** All of a page as people see it, for them to look at: `var/screenshots/status-well-360-dark.png`. */
export async function keepScreenshot(
  page: Page,
  name: string,
  { width, colorScheme }: View,
): Promise<void> {
  const path = `${SCREENSHOTS}${name}-${width}-${colorScheme}.png`
  await page.screenshot({ path, fullPage: true })
}

export async function assertNoOverflow(page: Page): Promise<void> {
  const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth')
  assert.ok(Number(overflow) <= 0, `${overflow} pixels to scroll sideways`)
}

interface Violation {
  readonly id: string
  readonly help: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[]
}

/** Names, roles, order, contrast .. as axe-core sees them. It comes in past the page's own policy. */
export async function assertAccessible(page: Page): Promise<void> {
  await page.evaluate(AXE)
  const violations = await page.evaluate<readonly Violation[]>(
    'axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) => violations)',
  )
  const told = violations.map(({ id, help, nodes }) => ({
    id,
    help,
    nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
  }))
  assert.deepEqual(told, [])
}
