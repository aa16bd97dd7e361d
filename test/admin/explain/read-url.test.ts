import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readUrl } from '../../../src/admin/explain/read-url.ts'
import type { UrlOptions } from '../../../src/http/find-ref.ts'
import { readRequestUrl } from '../../../src/http/request-url.ts'

const URLS: UrlOptions = {
  fastdfs: {
    hasGroupName: true,
    groupName: 'group1',
    isGroup: (name) => name === 'group1',
  },
  mogilefs: {
    domainOfHost: (host) => (host === 'img.example.com' ? 'img' : undefined),
    isDomain: (name) => name === 'img' || name === 'group7',
    hasLeadingSlash: false,
  },
}
const WITHOUT_GROUP: UrlOptions = {
  fastdfs: { hasGroupName: false, groupName: 'group1', isGroup: () => true },
}
const ID = 'M00/00/00/fwAAA2sDFtyAYcJyAAB4AIokZSM648.jpg'

/** What tends to be in broken links, in any order. */
const piece = fc.constantFrom(
  ...['/', '//', 'group1/', 'img/', 'M00/', '00/', '0a/', 'fwAAA2sDFtyAYcJyAAB4AIokZSM', '648.jpg'],
  ...['%', '%2', '%zz', '%B2', '%E5%9B%BE', '%2e%2e', '..', '.', '%2F', '%5C', '\\', '%00', '\x7f'],
  ...['?', '&', 'token=', 'filename=', '%FF', 'start=9', '#', 'k'.repeat(130), '图', '\ud83d', ' '],
)
const target = fc
  .tuple(
    fc.constantFrom('/', '/group1/', '/img/', '', 'http://h/', 'http://img.example.com/'),
    fc.array(piece, { maxLength: 7 }),
  )
  .map(([start, pieces]) => start + pieces.join(''))

/** What must be in a target of which a cause is said. */
const MARKS = {
  fragment: /#/,
  backslash: /\\|%5c/i,
  percent_encoding: /%|[\ud800-\udfff]/,
  control_character: /\p{Cc}|%[01][0-9a-f]|%7f/iu,
  dot_segment: /\.|%2e/i,
  argument_encoding: /\?/,
  argument_too_long: /\?.*=.{250}/s,
} as const

describe('the reading of a URL', () => {
  for (const urls of [URLS, WITHOUT_GROUP]) {
    it('finds a fault wherever the edge does, and none where it does not', () => {
      fc.assert(
        fc.property(target, (text) => {
          const { kind } = readRequestUrl(text, urls)
          const { reading } = readUrl(text, undefined, urls)
          const wanted = { file: undefined, page: 404, malformed: 400 }[kind]
          assert.equal(reading.fault?.status, wanted, reading.fault?.sentence)
          const cause = reading.fault?.cause
          const mark = Object.entries(MARKS).find(([name]) => name === cause)?.[1]
          if (mark !== undefined) assert.match(text, mark, cause)
        }),
        { numRuns: 5000 },
      )
    })
  }

  const causes: readonly (readonly [string, string | undefined])[] = [
    [`/group1/${ID}`, undefined],
    [`/${ID}`, undefined],
    [`/group1/${ID.slice(0, 30)}`, 'id_length'],
    [`/group1/${ID.replace('/00/00/', '/00/')}`, 'id_folders'],
    ['/img', 'no_file'],
    ['/img/', 'key_missing'],
    ['/img/a%5Cb', undefined],
    ['/%5C', 'backslash'],
    ['//img/M00/', 'double_slash'],
    [`/${'%20'.repeat(3000)}`, 'url_too_long'],
  ]
  for (const [text, cause] of causes) {
    it(`${text.slice(0, 60)} is ${cause ?? 'in order'}`, () => {
      assert.equal(readUrl(text, undefined, URLS).reading.fault?.cause, cause)
    })
  }

  it('says why a path is not the other system’s', () => {
    const notesOf = (path: string, host?: string) => readUrl(path, host, URLS).reading.notes[0]
    assert.equal(
      notesOf('/img/M00/00/00/a'),
      'not FastDFS: "img" is a MogileFS domain and no FastDFS group',
    )
    assert.equal(
      notesOf('/img/a.jpg'),
      'not FastDFS: its second part is "a.jpg" and no store path such as M00',
    )
    assert.equal(
      notesOf(`/group1/${ID}`, 'img.example.com:8080'),
      'not FastDFS: [vhost] gives this host the domain img',
    )
    assert.match(notesOf(`/group1/${ID}`) ?? '', /^not MogileFS: .* "group1" is a FastDFS group$/)
    assert.match(
      notesOf(`/group9/${ID}`) ?? '',
      /^not MogileFS: .* "group9" is no MogileFS domain$/,
    )
  })

  it('goes by the host in the URL before the one beside it', () => {
    const { reading } = readUrl('http://img.example.com/a.jpg', 'other.example.com', URLS)
    assert.deepEqual(reading.ref, { system: 'mogilefs', domain: 'img', key: 'a.jpg' })
    assert.equal(reading.vhostDomain, 'img')
  })
})
