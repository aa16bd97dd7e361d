import { html } from 'hono/html'
import { type Column, type Html, mark, type State, table } from '../layout.ts'
import type { Explanation } from './explanation.ts'
import { headlineOf, type Section, sectionsOf } from './sections.ts'

/** What was typed into the form. */
export interface AskedForm {
  readonly url: string
  readonly host: string
  readonly date: string
}

/** The form to ask with, and below it what was found out; a text says why nothing was. */
export function renderExplain(asked: AskedForm, found: Explanation | string | null): Html {
  return html`<h1>Why does a URL fail?</h1>
${renderForm(asked)}
${typeof found === 'object' && found !== null ? renderExplanation(found) : renderHint(found)}`
}

/** What may be asked, for who has never seen it. */
function renderHint(fault: string | null): Html {
  const told = fault === null ? '' : html`<p class="live lost" role="alert">${fault}</p>`
  return html`${told}
<p class="live quiet">Reads the URL as the edge does, asks trackers, database and every storage, and says in one
sentence what to do. A whole URL or its path, with token and ts if it has them. Host is needed only where
[vhost] gives that name a domain and the URL is a path. Date is what the client's clock showed, for tokens that fail
because of clocks.</p>`
}

function renderForm({ url, host, date }: AskedForm): Html {
  return html`<form class="ask fields" action="/explain" method="get">
<label>URL <input name="url" type="text" inputmode="url" required autocomplete="off"
 autocapitalize="off" spellcheck="false" placeholder="/group1/M00/.. or /domain/key" value="${url}"></label>
<label>Host <input name="host" type="text" autocomplete="off" autocapitalize="off"
 spellcheck="false" placeholder="as in the URL" value="${host}"></label>
<label>Date <input name="date" type="text" autocomplete="off" spellcheck="false"
 placeholder="Sun, 06 Nov 1994 08:49:37 GMT" value="${date}"></label>
<button>Explain</button>
</form>`
}

/** The sentence first, for that is what was asked for. */
function renderExplanation(explanation: Explanation): Html {
  const { verdict } = explanation
  const how = stateOf(explanation)
  return html`<h2>What to do</h2>
<section class="verdict ${how}" data-cause="${verdict.cause}">
<h3 class="${how}">${mark(how)} ${headlineOf(explanation)}</h3>
<p>${verdict.sentence}</p>
</section>
${sectionsOf(explanation).map(renderSection)}`
}

function stateOf({ verdict, answer }: Explanation): State {
  if (verdict.cause === 'served') return 'ok'
  return (answer?.status ?? verdict.status) < 400 ? 'look' : 'bad'
}

function renderSection({ title, pairs, table: rows, lines }: Section): Html {
  return html`<h2>${title}</h2>
<section class="card">
${pairs.length === 0 ? '' : renderPairs(pairs)}
${rows === null ? '' : table(title, rows.head.map(columnOf), rows.rows)}
${lines.length === 0 ? '' : html`<ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`}
</section>
`
}

function renderPairs(pairs: Section['pairs']): Html {
  const rows = pairs.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)
  return html`<dl class="facts">${rows}</dl>`
}

function columnOf(name: string): Column {
  return { name, isNumber: name === 'time' }
}
