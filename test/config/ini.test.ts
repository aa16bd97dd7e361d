import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type IniLine, parseIni, parseIniLine } from '../../src/config/ini.ts'

function entry(name: string, value: string): IniLine {
  return { kind: 'entry', name, value }
}

function kindOf(line: string): string | undefined {
  return parseIniLine(line)?.kind
}

test('an entry keeps its inner blanks, further = signs and a # in its value', () => {
  assert.deepEqual(parseIniLine('key = a  b'), entry('key', 'a  b'))
  assert.deepEqual(parseIniLine('key=a=b'), entry('key', 'a=b'))
  assert.deepEqual(parseIniLine('key = a # b'), entry('key', 'a # b'))
  assert.deepEqual(parseIniLine('key ='), entry('key', ''))
  assert.deepEqual(parseIniLine('key = "a"'), entry('key', '"a"'))
})

test('lines are numbered from 1, through CRLF, a byte order mark, blanks and comments', () => {
  const text = '\uFEFFa=1\r\n\r\n# comment = no\r\n\t b\t=\t2 \r\n[ s ]\r\nc=3'
  assert.deepEqual(
    [...parseIni(text)],
    [
      { line: 1, says: entry('a', '1') },
      { line: 4, says: entry('b', '2') },
      { line: 5, says: { kind: 'section', name: 's' } },
      { line: 6, says: entry('c', '3') },
    ],
  )
})

test('the blanks around a value may be those of a Chinese keyboard', () => {
  assert.deepEqual(parseIniLine('key\u3000=\u3000value'), entry('key', 'value'))
})

test('an include needs its # at the very beginning', () => {
  assert.deepEqual(parseIniLine('#include http.conf'), { kind: 'include', target: 'http.conf' })
  assert.deepEqual(parseIniLine('#INCLUDE\t a b.conf'), { kind: 'include', target: 'a b.conf' })
  assert.deepEqual(parseIniLine('#include file:///etc/a'), { kind: 'include', target: '/etc/a' })
  assert.equal(parseIniLine('# include http.conf'), undefined)
  assert.equal(parseIniLine('#includes nothing'), undefined)
})

test('an include from the network is refused, without its address', () => {
  for (const target of ['http://user:hush@host/a.conf', 'HTTPS://hush/a']) {
    const says = parseIniLine(`#include ${target}`)
    assert.equal(says?.kind, 'fault')
    assert.doesNotMatch(JSON.stringify(says), /hush/)
  }
})

test("FastDFS's preprocessor is a comment with a warning", () => {
  for (const line of ['#@if %{LOCAL_IP} in [10.0.0.1]', '#@endif', '#@function LOCAL_IP_GET']) {
    assert.equal(kindOf(line), 'warning', line)
  }
})

test('a [] leads back to before the first section', () => {
  assert.deepEqual(parseIniLine('[]'), { kind: 'section', name: '' })
})

test('lines that say nothing sensible are faults', () => {
  const lines = ['key value', '= value', '[section', 'a\0b = c', 'a = b\x07', 'a = \uFFFD']
  for (const line of [...lines, `a = ${'x'.repeat(9000)}`])
    assert.equal(kindOf(line), 'fault', line)
})

test('a fault never repeats the line, which may hold a secret', () => {
  for (const line of ['http.anti_steal.secret_key hush', '=hush', 'hush\x01=hush', '[hush']) {
    const says = parseIniLine(line)
    assert.equal(says?.kind, 'fault')
    assert.doesNotMatch(JSON.stringify(says), /hush/)
  }
})

test('every line is one of the kinds, and the numbers grow', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      let last = 0
      for (const { line, says } of parseIni(text)) {
        assert.ok(line > last)
        assert.ok(['entry', 'section', 'include', 'fault', 'warning'].includes(says.kind))
        last = line
      }
    }),
  )
})

test('what is written as an entry is read as that entry', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9_.]{0,40}$/)
  const value = fc.stringMatching(/^[!-~]([ -~]{0,80}[!-~])?$/)
  fc.assert(
    fc.property(name, value, (key, text) => {
      assert.deepEqual(parseIniLine(`${key} = ${text}`), entry(key, text))
    }),
  )
})
