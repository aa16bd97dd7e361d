import { html, raw } from 'hono/html'
import { STYLESHEET } from './stylesheet.ts'

/** Markup in which everything that came from elsewhere is escaped. */
export type Html = ReturnType<typeof html>

export interface PageParts {
  readonly title: string
  /** What stands in `<main>`. */
  readonly body: Html
  /** Of this answer alone; stylesheet and script run by it. */
  readonly nonce: string
  /** Which link of the head leads to this page. */
  readonly here?: '/' | '/explain'
  /** The text of an inline script: of this program, never of anything that it was told. */
  readonly script?: string
}

/** A page of the admin listener, whole. */
export function layout({ title, body, nonce, here, script }: PageParts): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${raw(STYLESHEET)}</style>
</head>
<body>
<header>
<strong>dfs-edge</strong>
<nav aria-label="Pages">${link('/', 'Status', here)} ${link('/explain', 'Explain', here)}</nav>
</header>
<main>
${body}
</main>
${script === undefined ? '' : html`<script nonce="${nonce}">${raw(script)}</script>`}
</body>
</html>
`
}

function link(path: '/' | '/explain', name: string, here: PageParts['here']): Html {
  const current = path === here ? raw(' aria-current="page"') : ''
  return html`<a href="${path}"${current}>${name}</a>`
}

/** Asks why a URL answers what it answers. @param url what was asked before */
export function explainForm(url = ''): Html {
  return html`<form class="ask" action="/explain" method="get">
<label for="url">Explain a URL</label>
<input id="url" name="url" type="text" inputmode="url" required autocomplete="off"
 autocapitalize="off" spellcheck="false" placeholder="/group1/M00/.. or /domain/key" value="${url}">
<button>Explain</button>
</form>`
}

/** How a thing is: to be seen by shape and word, and by colour beside them. */
export type State = 'ok' | 'look' | 'bad' | 'off'

const SHAPES = {
  ok: '<circle cx="5" cy="5" r="4.5"/>',
  look: '<path d="M5 .5 10 9.5H0z"/>',
  bad: '<path d="M1.5 0 5 3.5 8.5 0 10 1.5 6.5 5 10 8.5 8.5 10 5 6.5 1.5 10 0 8.5 3.5 5 0 1.5z"/>',
  off: '<path d="M0 4h10v2H0z"/>',
} as const satisfies Record<State, string>

export function mark(how: State): Html {
  return html`<svg class="mark" viewBox="0 0 10 10" aria-hidden="true">${raw(SHAPES[how])}</svg>`
}

export function state(how: State, word: string): Html {
  return html`<span class="state ${how}">${mark(how)}${word}</span>`
}

export interface Column {
  readonly name: string
  readonly isNumber?: boolean
  /** Of a table that looks like its neighbours: percent. */
  readonly width?: number
}

/** Rows of cells, the first of which names the row. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly unknown[])[],
): Html {
  const kind = ({ isNumber }: Column): Html | '' => (isNumber ? raw(' class="number"') : '')
  const heads = columns.map(
    (column) => html`<th role="columnheader" scope="col"${kind(column)}>${column.name}</th>`,
  )
  const widths = columns.map(
    ({ width }) => html`<col${width === undefined ? '' : html` width="${width}%"`}>`,
  )
  const cell = (value: unknown, column: Column): Html =>
    html`<td role="cell"${kind(column)} data-label="${column.name}"><span>${value}</span></td>`
  const body = rows.map((row) => {
    const cells = columns.map((column, index) => cell(row[index], column))
    return html`<tr role="row">${cells}</tr>\n`
  })
  // A browser forgets that rows are rows where they are shown as lists, but for the roles.
  return html`<table class="wide" role="table" aria-label="${caption}">
<colgroup>${widths}</colgroup>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">${body}</tbody>
</table>`
}
