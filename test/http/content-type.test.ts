import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ContentTypes, extensionOf } from '../../src/http/content-type.ts'

describe('a content type', () => {
  const types = new ContentTypes(new Map([['flv', 'video/x-operator']]))
  const cases: readonly (readonly [string, string])[] = [
    ['M00/00/00/x.jpg', 'image/jpeg'],
    ['M00/00/00/x.JPG', 'image/jpeg'],
    ['x.webp', 'image/webp'],
    ['x.mp4', 'video/mp4'],
    ['x.html', 'text/html'],
    ['x.tar.gz', 'application/gzip'],
    ['x.flv', 'video/x-operator'],
    ['x', 'application/octet-stream'],
    ['x.', 'application/octet-stream'],
    ['x.nonsense', 'application/octet-stream'],
    ['a.jpg/x', 'application/octet-stream'],
    ['x.constructor', 'application/octet-stream'],
    ['x.__proto__', 'application/octet-stream'],
  ]
  for (const [name, expected] of cases) {
    it(`of ${name} is ${expected}`, () => assert.equal(types.of(name), expected))
  }

  it('stands on the extension in lower case', () => assert.equal(extensionOf('a/b.c.JpG'), 'jpg'))
})
