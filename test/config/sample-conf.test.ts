import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { DIRECTIVES, defaultEdgeConf, readEdgeConf } from '../../src/config/index.ts'
import { confFolder, confOf } from './conf-folder.ts'

const SAMPLE = join(import.meta.dirname, '../../conf/edge.conf')
const lines = readFileSync(SAMPLE, 'utf8').split('\n')
const trackerServers = [[{ host: '127.0.0.1', port: 22122 }]]

test('the sample reads without a fault or warning, as the defaults and one tracker', () => {
  const read = readEdgeConf(SAMPLE)
  assert.deepEqual(confOf(read), { ...defaultEdgeConf(), trackerServers })
  assert.deepEqual(read.warnings, [])
})

test('with all its settings taken in, it is the same', (t) => {
  const all = lines.map((line) => line.replace(/^#(?=\S+ = )/, '')).join('\n')
  assert.notEqual(all, lines.join('\n'))
  const read = readEdgeConf(join(confFolder(t, { 'edge.conf': all }), 'edge.conf'))
  assert.deepEqual(confOf(read), { ...defaultEdgeConf(), trackerServers })
})

for (const [name, { defaults }] of Object.entries(DIRECTIVES)) {
  test(`the sample has ${name} with its default and a comment`, () => {
    const own = lines.filter((line) => line.replace(/^# ?/, '').startsWith(`${name} = `))
    assert.notEqual(own.length, 0, `${name} is missing`)
    for (const text of defaults)
      assert.ok(lines.includes(`#${name} = ${text}`), `${name} = ${text}`)
    if (defaults.length === 0) assert.ok(!own.some((line) => line.startsWith(`#${name}`)))
    const before = lines[lines.indexOf(own[0] ?? '') - 1] ?? ''
    assert.match(before, /^#/, `no comment above ${name}`)
  })
}

test('the sample has no setting that does not exist', () => {
  const names = lines.flatMap((line) => /^#?([a-z][\w.]*) = /.exec(line)?.[1] ?? [])
  assert.ok(names.length > 30)
  assert.deepEqual(
    names.filter((name) => !Object.hasOwn(DIRECTIVES, name)),
    [],
  )
})

test('the sample for MogileFS alone reads without a fault or warning, with a database as well', (t) => {
  const path = join(import.meta.dirname, '../../conf/mogilefs.conf')
  const read = readEdgeConf(path)
  assert.deepEqual(read.warnings, [])
  const conf = confOf(read)
  assert.deepEqual([conf.trackerServers, conf.localGroups], [[], []])
  assert.deepEqual(conf.mogilefs?.resolve, ['tracker'])
  const all = readFileSync(path, 'utf8').replace(/^# (?=\S+ = |\[)/gm, '')
  const whole = readEdgeConf(join(confFolder(t, { 'mogilefs.conf': all }), 'mogilefs.conf'))
  assert.deepEqual(whole.warnings, [])
  assert.deepEqual(confOf(whole).mogilefs?.resolve, ['database', 'tracker'])
  assert.deepEqual([...(confOf(whole).mogilefs?.vhosts.exact ?? [])], [['img.example.com', 'img']])
})

test('the examples of the sample that are not defaults read as well', (t) => {
  const section = lines.slice(lines.findIndex((line) => line.startsWith('# --- MogileFS')))
  const examples = section.flatMap((line) => /^# (\w+ = .*)/.exec(line)?.[1] ?? [])
  const own = examples.filter((line) => /^(?:trackers|db_|resolve|mogilefs_zone)/.test(line))
  assert.equal(own.length, 7)
  const text = own.join('\n')
  const { faults } = readEdgeConf(join(confFolder(t, { 'edge.conf': text }), 'edge.conf'))
  assert.deepEqual(faults, [])
})
