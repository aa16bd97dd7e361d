import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Findings } from '../../src/config/fault.ts'
import { parseMimeTypes } from '../../src/config/mime-types.ts'
import { brief, readText } from './conf-folder.ts'

function parse(text: string) {
  const findings = new Findings()
  const types = Object.fromEntries(parseMimeTypes(text, 'mime.types', findings))
  return { types, faults: brief(findings.faults) }
}

const EXPECTED = {
  types: { jpeg: 'image/jpeg', jpg: 'image/jpeg', svg: 'image/svg+xml' },
  faults: [],
}

test("FastDFS's and Apache's form", () => {
  const text = '# types\r\nimage/jpeg\t\tjpeg JPG # both\r\n\r\ntext/none\r\nimage/svg+xml svg'
  assert.deepEqual(parse(text), EXPECTED)
})

test("nginx's form, a statement over several lines as well", () => {
  const text = '\ntypes {\n  image/jpeg  jpeg\n    jpg; # both\n\n  image/svg+xml svg;\n}\n'
  assert.deepEqual(parse(text), EXPECTED)
  assert.deepEqual(parse('types { image/jpeg jpeg jpg; image/svg+xml svg; }'), EXPECTED)
})

test('of two types of one extension the last counts', () => {
  assert.deepEqual(parse('a/a x\nb/b x\n').types, { x: 'b/b' })
})

test('what is no media type is a fault', () => {
  assert.deepEqual(parse('image/jpeg jpg\njpg image/jpeg\n').faults, ['2: "jpg" is no media type'])
  assert.deepEqual(parse('types {\na/b c;\nfoo bar;\n}').faults, ['3: "foo" is no media type'])
})

test('no text makes it throw', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parse(text)))
  fc.assert(fc.property(fc.string(), (text) => void parse(`types {\n${text}`)))
})

test('a missing file is a fault of the line that names it', (t) => {
  const { faults } = readText(t, 'http.mime_types_filename = none.types')
  assert.match(brief(faults).join(), /^2: .*none\.types" cannot be read: no such file or folder$/)
  assert.deepEqual(readText(t, 'http.mime_types_filename =').faults, [])
})
