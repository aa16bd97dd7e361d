/**
 * What every page of the admin listener looks like.
 * - `.card`: a block of the page; `h2` above it, `h3` in it.
 * - `.state.ok|look|bad|off`: a shape and a word, made by `state()`: never colour alone.
 * - `table.wide`, made by `table()`: rows become small lists where the window is narrow.
 * - `dl.facts`: names and values, two columns.
 * - `.quiet`: what is there for the second look; `.number`: right-aligned figures.
 */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --ground: #f4f5f3; --card: #fff; --text: #1c2226; --quiet: #59636b; --line: #e2e5e6;
  --ok: #1a7441; --look: #845500; --bad: #b0241c; --area: #d3e2f3; --stroke: #2b659f;
  --error-area: #f3d1cd; --ok-ground: #e9f4ed; --look-ground: #faf1dc; --bad-ground: #fbe9e7;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #13171a; --card: #1a1f23; --text: #e2e7ea; --quiet: #9aa5ad; --line: #2c3439;
    --ok: #6fc892; --look: #e3b65a; --bad: #ff938a; --area: #21405f; --stroke: #86b8ee;
    --error-area: #5a2a28; --ok-ground: #16281f; --look-ground: #2d2617; --bad-ground: #331d1c;
  }
}
* { box-sizing: border-box }
body {
  margin: 0 auto; max-width: 76rem; padding: 0 1rem 3rem;
  background: var(--ground); color: var(--text);
  font: .9375rem/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums;
}
header { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; padding: 1rem 0 }
header strong { font-size: 1rem; letter-spacing: -.01em }
header nav { display: flex; gap: 1rem }
a { color: var(--stroke); text-underline-offset: .2em }
nav a { text-decoration: none }
nav a:hover, nav a[aria-current] { text-decoration: underline }
:focus-visible { outline: 2px solid var(--stroke); outline-offset: 2px }
h1 { font-size: 1.5rem; line-height: 1.3; letter-spacing: -.015em; margin: 0; font-weight: 600 }
h2 { font-size: 1rem; margin: 2rem 0 .6rem; font-weight: 600 }
h2::first-letter { text-transform: uppercase }
h3 { font-size: .9375rem; margin: 0; font-weight: 600 }
p { margin: 0 }
code { font: .9em/1.5 ui-monospace, monospace }
h1, h2, h3, p, li, td, th, dd, code { overflow-wrap: anywhere }
.quiet, caption { color: var(--quiet) }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.1rem }
.card + .card { margin-top: .75rem }
.cards { display: grid; gap: .75rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)) }
.cards > .card { margin: 0; display: flex; flex-direction: column }
.cards.pair { grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); align-items: start }
.cards + .card { margin-top: .75rem }
.head { display: flex; flex-wrap: wrap; gap: .1rem 1rem; align-items: baseline; margin-bottom: .6rem }
.verdict { border-radius: .6rem; padding: 1.1rem 1.2rem; background: var(--ok-ground) }
.verdict.look { background: var(--look-ground) }
.verdict.bad { background: var(--bad-ground) }
.verdict h1 { display: flex; gap: .7rem; align-items: baseline }
.verdict h1 .mark { flex: none; width: .8em; height: .8em }
.verdict ul { list-style: none; margin: .75rem 0 0; padding: 0; display: grid; gap: .3rem }
.verdict li { display: flex; gap: .7rem; align-items: baseline }
.verdict li .mark { flex: none }
.mark { width: .7em; height: .7em; fill: currentColor; stroke: none }
.state { white-space: nowrap; display: inline-flex; gap: .45em; align-items: baseline }
.ok > .mark, .state.ok { color: var(--ok) }
.look > .mark, .state.look { color: var(--look) }
.bad > .mark, .state.bad { color: var(--bad) }
.off > .mark, .state.off { color: var(--quiet) }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; padding: 0 0 .4rem }
th { text-align: left; font-weight: 400; color: var(--quiet); font-size: .8125rem }
th, td { padding: .38rem 1rem .38rem 0; vertical-align: baseline }
th:last-child, td:last-child { padding-right: 0 }
.bar + table { margin-top: .6rem }
tbody tr { border-top: 1px solid var(--line) }
th.number, td.number { text-align: right; white-space: nowrap }
td small { display: block; color: var(--quiet); font-size: .8125rem }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0 }
dl.facts dt { color: var(--quiet) }
dl.facts dd { margin: 0 }
.bar { display: block; width: 100%; height: .375rem; border-radius: .2rem; overflow: hidden }
.bar rect { fill: var(--line) }
.bar rect + rect { fill: var(--stroke) }
.bar.look rect + rect { fill: var(--look) }
.bar.bad rect + rect { fill: var(--bad) }
td .bar { min-width: 5rem; margin-top: .3rem }
.figure { font-size: 1.5rem; letter-spacing: -.02em; line-height: 1.2 }
.chart { display: block; width: 100%; height: auto; margin-top: auto; padding-top: .5rem }
.chart text { fill: var(--quiet); font-size: 11px }
.chart .grid { stroke: var(--line); stroke-width: 1 }
.chart .area { fill: var(--area) }
.chart .line { fill: none; stroke: var(--stroke); stroke-width: 1.5; stroke-linejoin: round }
.chart.errors .area { fill: var(--error-area) }
.chart.errors .line { stroke: var(--bad) }
.live { margin: .6rem 0 0 }
.live.lost { color: var(--bad) }
footer { margin-top: 2.5rem }
form.ask { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin-top: 1rem }
form.ask label { flex: none }
form.ask.fields label { flex: 1 1 20rem; display: flex; gap: .75rem; align-items: center }
form.ask.fields label:first-child { flex-basis: 100% }
input, button {
  font: inherit; color: inherit; background: var(--card); border: 1px solid var(--quiet);
  border-radius: .4rem; padding: .45rem .7rem; min-height: 2.5rem;
}
input { flex: 1 1 14rem; min-width: 0 }
input::placeholder { color: var(--quiet); opacity: 1 }
button { cursor: pointer; padding: .45rem 1.1rem }
button:hover { border-color: var(--text) }
@media (max-width: 44rem) {
  table.wide thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden }
  table.wide colgroup { display: none }
  table.wide, table.wide tbody { display: block }
  table.wide tr { padding: .6rem 0 }
  table.wide tbody tr:first-child { border-top: 0; padding-top: 0 }
  table.wide tr { display: grid; grid-template-columns: repeat(12, 1fr); row-gap: .35rem }
  table.wide td, table.wide td.number {
    display: block; grid-column: span 6; padding: 0 .5rem 0 0; text-align: left; white-space: normal;
  }
  table.wide td::before { content: attr(data-label); color: var(--quiet); font-size: .8125rem; display: block }
  table.wide td:first-child { font-weight: 600; grid-column: 1 / -1 }
  table.wide tr:has(> td:nth-child(2) > span > .state) > td:first-child { grid-column: span 7 }
  table.wide td:nth-child(2):has(> span > .state) { grid-column: span 5 }
  table.wide td:first-child::before, table.wide td:nth-child(2):has(> span > .state)::before { content: none }
  table.wide td:has(.why) { grid-column: 1 / -1 }
}
`
