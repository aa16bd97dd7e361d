import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DIRECTIVES, WITHOUT_EFFECT } from '../../src/config/directives.ts'

for (const [name, { defaults, accepts, doc, read }] of Object.entries(DIRECTIVES)) {
  test(`${name}: its default is a value that it takes, and its doc is one line`, () => {
    for (const text of defaults) assert.ok(accepts(text), text)
    assert.deepEqual(read([]), defaults.length === 0 ? read([]) : read(defaults))
    assert.match(doc, /^[A-Z=a-z][^\n|]{10,120}[^.]$/)
    assert.match(name, /^[a-z][a-z0-9_.]*$/)
  })
}

test('no setting both has an effect and has none', () => {
  const both = Object.keys(WITHOUT_EFFECT).filter((name) => Object.hasOwn(DIRECTIVES, name))
  assert.deepEqual(both, [])
})
