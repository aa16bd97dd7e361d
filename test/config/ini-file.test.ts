import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Findings } from '../../src/config/fault.ts'
import { readIniFile } from '../../src/config/ini-file.ts'
import { brief, confFolder } from './conf-folder.ts'

function read(t: TestContext, files: Readonly<Record<string, string | Buffer>>, name = 'a.conf') {
  const folder = confFolder(t, files)
  const findings = new Findings()
  const entries = readIniFile(join(folder, name), findings)
  return { folder, entries, faults: brief(findings.faults) }
}

test('entries of includes come in their place, with their own file and line', (t) => {
  const { folder, entries, faults } = read(t, {
    'a.conf': 'x = 1\n#include sub/b.conf\nz = 3\n',
    'sub/b.conf': '\ny = 2\n#include c.conf\n',
    'sub/c.conf': 'w = 4',
  })
  assert.deepEqual(faults, [])
  assert.deepEqual(
    entries.map(({ file, line, name }) => [file, line, name]),
    [
      [join(folder, 'a.conf'), 1, 'x'],
      [join(folder, 'sub/b.conf'), 2, 'y'],
      [join(folder, 'sub/c.conf'), 1, 'w'],
      [join(folder, 'a.conf'), 3, 'z'],
    ],
  )
})

test('an include begins outside of sections, and so does what follows it', (t) => {
  const { entries } = read(t, {
    'a.conf': '[group1]\na = 1\n#include b.conf\nc = 3\n',
    'b.conf': 'b = 2\n[group2]\nd = 4\n',
  })
  assert.deepEqual(
    entries.map(({ section, name }) => `${section}/${name}`),
    ['group1/a', '/b', 'group2/d', '/c'],
  )
})

test('a file may be included twice, but not in itself', (t) => {
  const twice = read(t, { 'a.conf': '#include b.conf\n#include b.conf\n', 'b.conf': 'x = 1\n' })
  assert.deepEqual([twice.entries.length, twice.faults], [2, []])
  const loop = read(t, { 'a.conf': '#include b.conf\n', 'b.conf': '\n#include a.conf\n' })
  assert.match(loop.faults.join(), /^2: .*a\.conf" is not read: it includes itself$/)
})

test('a loop through a symbolic link is seen', (t) => {
  const folder = confFolder(t, { 'a.conf': '#include link.conf\n' })
  symlinkSync(join(folder, 'a.conf'), join(folder, 'link.conf'))
  const findings = new Findings()
  readIniFile(join(folder, 'a.conf'), findings)
  assert.match(brief(findings.faults).join(), /it includes itself/)
})

test('includes are bounded in depth and number', (t) => {
  const chain = Object.fromEntries(
    Array.from({ length: 12 }, (_, index) => [`${index}.conf`, `#include ${index + 1}.conf\n`]),
  )
  assert.match(read(t, chain, '0.conf').faults.join(), /more than 8 deep/)
  const bomb = Object.fromEntries(
    Array.from({ length: 7 }, (_, index) => [
      `${index}.conf`,
      `#include ${index + 1}.conf\n`.repeat(20),
    ]),
  )
  const { faults } = read(t, { ...bomb, '7.conf': '' }, '0.conf')
  assert.match(faults.join(), /more than 64 files are included/)
  assert.ok(faults.length <= 201, `${faults.length} faults`)
})

test('a missing include is a fault of the line that asks for it', (t) => {
  const { faults, entries } = read(t, { 'a.conf': 'x = 1\n#include http.conf\ny = 2\n' })
  assert.match(faults.join(), /^2: ".*http\.conf" cannot be read: no such file or folder$/)
  assert.equal(entries.length, 2)
})

test('what is no file of sensible size is refused without waiting', (t) => {
  assert.match(read(t, { 'a.conf/': '' }).faults.join(), /^-: .*it is a folder$/)
  assert.match(read(t, {}).faults.join(), /no such file/)
  const large = Buffer.alloc(1024 * 1024 + 1, '#')
  assert.match(read(t, { 'a.conf': large }).faults.join(), /larger than 1048576 bytes/)
  const folder = confFolder(t, {})
  execFileSync('mkfifo', [join(folder, 'fifo')])
  const findings = new Findings()
  readIniFile(join(folder, 'fifo'), findings)
  readIniFile('/dev/zero', findings)
  readIniFile('with\0nul', findings)
  assert.equal(findings.faults.length, 3)
  assert.match(brief(findings.faults).join(), /not a regular file/)
})

test('a file of noise gives a bounded list of faults', (t) => {
  const { faults } = read(t, { 'a.conf': 'noise\n'.repeat(100_000) })
  assert.equal(faults.length, 201)
  assert.match(faults.at(-1) ?? '', /and more/)
})

test('a file of settings gives a bounded list of settings', (t) => {
  const { entries, faults } = read(t, { 'a.conf': 'a=1\n'.repeat(20_000) })
  assert.equal(entries.length, 10_000)
  assert.match(faults[0] ?? '', /^10001: more than 10000 settings$/)
})
