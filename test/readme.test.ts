import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { DIRECTIVES } from '../src/config/index.ts'

const README = new URL('../README.md', import.meta.url)

/** The table of settings as it must stand in the README. */
function settingsTable(): string {
  const rows = Object.entries(DIRECTIVES).map(([name, { kind, defaults, doc, isRepeatable }]) => {
    const shown = defaults.join(', ') === '' ? '' : `\`${defaults.join(', ')}\``
    return `| \`${name}\` | ${kind}${isRepeatable ? ', repeatable' : ''} | ${shown} | ${doc} |`
  })
  return ['| setting | kind | default | |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

test('the README lists every setting as the table of directives has it', async () => {
  const readme = await readFile(README, 'utf8')
  const [, table] = /<!-- settings:.*?-->\n(.*)\n<!-- end of settings -->/s.exec(readme) ?? []
  const wanted = settingsTable()
  assert.equal(table, wanted, `put this table into README.md:\n${wanted}`)
})
