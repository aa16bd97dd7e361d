import assert from 'node:assert/strict'
import { access, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { CAUSES } from '../src/admin/explain/causes.ts'
import { METRICS } from '../src/admin/metric-table.ts'
import { DIRECTIVES } from '../src/config/index.ts'

const ROOT = join(import.meta.dirname, '..')
const OPERATING = 'conf/README.md'
const PAGES = ['README.md', 'README.zh-CN.md', OPERATING, 'nginx/README.md']

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return lines.join('\n')
}

function settings(): string {
  const rows = Object.entries(DIRECTIVES).map(([name, { kind, defaults, doc, isRepeatable }]) => {
    const shown = defaults.join(', ') === '' ? '' : `\`${defaults.join(', ')}\``
    return [`\`${name}\``, `${kind}${isRepeatable ? ', repeatable' : ''}`, shown, doc]
  })
  return tableOf(['setting', 'kind', 'default', ''], rows)
}

function metrics(): string {
  const rows = Object.entries(METRICS).map(([name, { type, labels, help }]) => {
    return [`\`${name}\``, type, labels.join(', '), help]
  })
  return tableOf(['metric', 'type', 'labels', ''], rows)
}

function causes(): string {
  const rows = Object.entries(CAUSES)
    .toSorted(([, one], [, other]) => one.status - other.status)
    .map(([name, { status, sentence }]) => [
      `${status}`,
      name.replaceAll('_', ' '),
      sentence.replace(/\{(\w+)\}/g, '*$1*'),
    ])
  return tableOf(['status', 'cause', 'what to do'], rows)
}

for (const [name, table] of Object.entries({ settings, metrics, causes })) {
  test(`${OPERATING} lists all ${name}`, async () => {
    const text = await readFile(join(ROOT, OPERATING), 'utf8')
    const place = new RegExp(`<!-- ${name}:.*?-->\n(.*?)\n?<!-- end of ${name} -->`, 's')
    const wanted = table()
    assert.equal(place.exec(text)?.[1], wanted, `put this table into ${OPERATING}:\n${wanted}`)
  })
}

for (const page of PAGES) {
  test(`the links of ${page} lead somewhere`, async () => {
    const text = await readFile(join(ROOT, page), 'utf8')
    const links = Array.from(text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g))
    assert.ok(links.length > 0)
    for (const [, path = '', anchor] of links) {
      const target = path === '' ? join(ROOT, page) : join(ROOT, dirname(page), path)
      await access(target)
      if (anchor === undefined) continue
      const headings = Array.from((await readFile(target, 'utf8')).matchAll(/^#+ (.+)$/gm))
      const anchors = headings.map(([, heading = '']) => anchorOf(heading))
      assert.ok(anchors.includes(anchor), `${page} links to #${anchor}, which ${target} has not`)
    }
  })
}

/** As GitHub makes them. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}
