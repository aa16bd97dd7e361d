import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DIRECTIVES, formatFaults, readEdgeConf } from '../../../src/config/index.ts'
import { mutate } from '../mutate.ts'
import { NASTY } from '../nasty.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget, OpenTarget } from '../target.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures/config')
const SAMPLES = readdirSync(FIXTURES)
const TEXTS = new Map(SAMPLES.map((name) => [name, readFileSync(join(FIXTURES, name), 'latin1')]))
/** The one that is read, and those that it names, by what it may call them. */
const NAMES = ['edge.conf', 'mod_fastdfs.conf', 'mogilefs.conf', 'mogilefsd.conf']
const LINKED = ['mime.types', 'storage_ids.conf', 'http.conf', 'edge.conf']
const SEPARATOR = '\f\f'

const SETTINGS = Object.entries(DIRECTIVES).flatMap(([name, { defaults }]) =>
  [...defaults, ''].map((value) => `${name} = ${value}\n`),
)
const LINES = [
  ...[
    '#include http.conf\n',
    '#include edge.conf\n',
    '#include .\n',
    '[group1]\n',
    '[address_map]\n',
  ],
  ...[
    '[vhost]\n',
    '*.example.com = img\n',
    '10.0.0.1:1 = b:2\n',
    'a = b\n',
    'tracker_server = a:1\n',
  ],
  ...['db_dsn = DBI:mysql:a:host=b;port=1\n', 'group_count = 2\n', 'store_path0 = /tmp\n', '='],
  ...['http.mime_types_filename = mime.types\n', 'use_storage_id = true\n', '[', ']', '#', '\\'],
  'storage_ids_filename = storage_ids.conf\n',
]

/** Files of every kind: there is a configuration or there are faults, and no message is a mess. */
export const CONFIG_FILES: FuzzTarget = {
  name: 'configuration files',
  cases: { short: 200, long: 8000 },
  maxMs: 250,
  open,
}

function open(): OpenTarget {
  const folder = mkdtempSync(join(tmpdir(), 'dfs-edge-fuzz-conf-'))
  return {
    generate,
    check: (text) => check(folder, text),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

function generate(random: Random): string {
  const main = random.oneIn(3)
    ? random.some(12, () => random.pick([...SETTINGS, ...LINES])).join('')
    : (TEXTS.get(random.pick(SAMPLES)) ?? '')
  const linked = random.pick(LINKED)
  const other = TEXTS.get(linked) ?? ''
  const words = [...NASTY, ...LINES]
  const parts = [
    random.pick(NAMES),
    mutate(random, main, words),
    linked,
    mutate(random, other, words),
  ]
  return parts.join(SEPARATOR)
}

function check(folder: string, text: string): void {
  const [name = '', main = '', linked = '', other = ''] = text.split(SEPARATOR)
  if (LINKED.includes(linked)) writeFileSync(join(folder, linked), other, 'latin1')
  const path = join(folder, NAMES.includes(name) ? name : 'edge.conf')
  writeFileSync(path, main, 'latin1')
  const { conf, faults, warnings } = readEdgeConf(path)
  assert.equal(conf === undefined, faults.length > 0)
  for (const { file, message } of [...faults, ...warnings]) assert.ok(file && message)
  assert.doesNotMatch(formatFaults(faults, warnings), /[^\n\P{Cc}]/u)
}
