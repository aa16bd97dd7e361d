import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ContentTypes } from '../../src/http/content-type.ts'
import { DEFAULT_CACHE_CONTROL, FileDescriptions } from '../../src/http/file-headers.ts'

describe('the description of a file', () => {
  const descriptions = new FileDescriptions(new ContentTypes(), DEFAULT_CACHE_CONTROL)
  const facts = {
    size: 9,
    modified: 1,
    etag: '"1-9"',
    isImmutable: true,
    isPermanent: true,
    checksum: null,
  }

  it('is made once for the same facts', () => {
    assert.equal(descriptions.known(facts, 'a.jpg'), descriptions.known(facts, 'a.jpg'))
  })

  it('is another one under another name or for other facts', () => {
    assert.equal(descriptions.known(facts, 'a.jpg')?.contentType, 'image/jpeg')
    assert.equal(descriptions.known(facts, 'a.png')?.contentType, 'image/png')
    const changed = { ...facts, etag: '"2-9"' }
    assert.ok(descriptions.known(changed, 'a.png')?.whole.includes('"2-9"'))
  })
})
