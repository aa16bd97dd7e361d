import { html, raw } from 'hono/html'
import type { Concern } from './concern.ts'
import { concernsOf, type Summary, summaryOf } from './concerns.ts'
import {
  cachesSection,
  failuresSection,
  hostsSection,
  processesSection,
  trafficSection,
} from './edge-sections.ts'
import { fastdfsSection } from './fastdfs-section.ts'
import { explainForm, type Html, mark, type PageParts } from './layout.ts'
import { databasesSection, mogilefsSection } from './mogilefs-section.ts'
import { clip } from './page-parts.ts'
import type { Status } from './status.ts'
import { LIVE_SCRIPT } from './status-script.ts'

/** The parts of the page that are renewed, each by itself, in their order. */
type Parts = Readonly<Record<string, Html | ''>>

/** What a part of the page is now. */
export interface PageChange {
  readonly title: string
  /** `12:00:05` */
  readonly time: string
  /** Markup by the id of its element. */
  readonly parts: Readonly<Record<string, string>>
}

const MARKS = { ok: '●', look: '▲', bad: '✕' } as const satisfies Record<Summary['level'], string>

/** How the clusters and the edge are, for people. */
export function statusPage(status: Status): Omit<PageParts, 'nonce'> {
  const { title, parts } = renderParts(status)
  const elements = Object.entries(parts).map(
    ([id, part]) => html`<section id="${id}"${raw(id === 'summary' ? ' role="status"' : '')}>
${part}
</section>
`,
  )
  const [summary, ...others] = elements
  const body = html`${summary}
<p class="quiet live" id="live">As of ${timeOf(status)} UTC. <a href="/">Reload</a></p>
${explainForm()}
${others}
<footer class="quiet">${footer(status)}</footer>`
  return { title, body, here: '/', script: LIVE_SCRIPT }
}

/** What has changed since the last call. */
export class PageChanges {
  readonly #sent = new Map<string, string>()

  async of(status: Status): Promise<PageChange> {
    const { title, parts } = renderParts(status)
    const changed: Record<string, string> = {}
    for (const [id, part] of Object.entries(parts)) {
      const text = String(await part)
      if (this.#sent.get(id) !== text) changed[id] = text
      this.#sent.set(id, text)
    }
    return { title, time: timeOf(status), parts: changed }
  }
}

function renderParts(status: Status): { readonly title: string; readonly parts: Parts } {
  const { clusters, now } = status
  const summary = summaryOf(concernsOf(status))
  const { fastdfs, mogilefs, databases } = clusters
  const parts = {
    summary: summaryPart(summary),
    traffic: trafficSection(status),
    failures: failuresSection(status),
    fastdfs: fastdfs === null ? '' : fastdfsSection(fastdfs, now),
    mogilefs: mogilefs === null ? '' : mogilefsSection(mogilefs),
    databases: databases.length === 0 ? '' : databasesSection(databases),
    caches: cachesSection(status),
    hosts: hostsSection(status),
    processes: processesSection(status),
  } as const
  return { title: `${MARKS[summary.level]} ${clip(summary.text)} · dfs-edge`, parts }
}

function summaryPart({ level, text, rest }: Summary): Html {
  const list = rest.length === 0 ? '' : html`<ul>${rest.map(concernItem)}</ul>`
  return html`<div class="verdict ${level}"><h1 class="${level}">${mark(level)}<span>${clip(text)}.</span></h1>
${list}</div>`
}

function concernItem({ level, text }: Concern): Html {
  const how = level === 'look' ? 'look' : 'bad'
  return html`<li class="${how}">${mark(how)}<span>${clip(text)}</span></li>\n`
}

function footer({ version, startedAt }: Status): Html {
  const since = new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ')
  return html`dfs-edge ${version}, running since ${since} UTC.
The same for programs: <a href="/status">/status</a>`
}

function timeOf({ now }: Status): string {
  return new Date(now).toISOString().slice(11, 19)
}
