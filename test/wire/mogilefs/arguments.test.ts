import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  countOf,
  decodeArguments,
  encodeArguments,
  escapeArgument,
  listOf,
  optionalCountOf,
  textOf,
  unescapeArgument,
} from '../../../src/wire/mogilefs/arguments.ts'
import { isProtocolError } from '../../support/protocol-error.ts'

const anyText = fc.string({ unit: 'grapheme', maxLength: 300 })

describe('escapeArgument', () => {
  it('writes what the tracker writes', () => {
    assert.equal(escapeArgument('azAZ09_,-./\\:'), 'azAZ09_,-./\\:')
    assert.equal(escapeArgument('a b'), 'a+b')
    assert.equal(escapeArgument('+%&=?#\r\n\0'), '%2B%25%26%3D%3F%23%0D%0A%00')
    assert.equal(escapeArgument('é买😀'), '%C3%A9%E4%B9%B0%F0%9F%98%80')
  })

  it('replaces half a surrogate pair: it has no bytes', () => {
    assert.equal(escapeArgument('a\uD800b'), 'a%EF%BF%BDb')
  })

  it('is undone by unescapeArgument, for every text', () => {
    fc.assert(
      fc.property(anyText, (text) => assert.equal(unescapeArgument(escapeArgument(text)), text)),
    )
  })

  it('lets no byte through that means something in a line', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 })
    fc.assert(fc.property(text, (any) => assert.match(escapeArgument(any), /^[\w,\-./\\:+%]*$/)))
  })
})

describe('unescapeArgument', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a+b%20c d', 'a b c d'],
    ['%2b%2B', '++'],
    ['100%', '100%'],
    ['100%.txt', '100%.txt'],
    ['%4', '%4'],
    ['%zz%41', '%zzA'],
    ['%%41', '%A'],
    ['%2541', '%41'],
    ['%E4%B9%B0', '买'],
    ['%FF%FE', '\uFFFD\uFFFD'],
    ['%E4%B9', '\uFFFD'],
    ['', ''],
  ]
  for (const [escaped, text] of cases) {
    it(`reads "${escaped}"`, () => assert.equal(unescapeArgument(escaped), text))
  }

  it('takes any text without an error', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void unescapeArgument(text)))
  })
})

describe('arguments', () => {
  it('come back as they were sent, and no value adds one', () => {
    const name = fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
    const someArguments = fc.dictionary(name, anyText, { maxKeys: 8, noNullPrototype: true })
    fc.assert(
      fc.property(someArguments, (args) => {
        const decoded = decodeArguments(encodeArguments(args))
        assert.deepEqual(new Map([...decoded].toSorted()), new Map(Object.entries(args).toSorted()))
      }),
    )
  })

  it('are left out when they are undefined, and written when they are empty or 0', () => {
    assert.equal(encodeArguments({ a: undefined, b: '', c: 0 }), 'b=&c=0')
  })

  it('keep a key in one piece, whatever it tries to add', () => {
    const encoded = encodeArguments({ domain: 'img', key: 'a&zone=alt&pathcount=99' })
    assert.deepEqual([...decodeArguments(encoded).keys()], ['domain', 'key'])
  })

  it('are read as the tracker reads them', () => {
    const read = (text: string) => Object.fromEntries(decodeArguments(text))
    assert.deepEqual(read('a=1&b=2=3&c&&=x&a=2'), { a: '1\x002', b: '2', c: '', '': 'x' })
    assert.deepEqual(read(''), {})
    assert.deepEqual(read('%61=%3D'), { a: '=' })
    assert.equal(decodeArguments('__proto__=1').get('__proto__'), '1')
  })
})

describe('values of an answer', () => {
  const args = decodeArguments('text=x&count=12&empty=&max=9007199254740991&over=9007199254740992')

  it('are text or whole numbers, or a protocol error', () => {
    assert.equal(textOf(args, 'text'), 'x')
    assert.equal(countOf(args, 'count'), 12)
    assert.equal(countOf(args, 'max'), Number.MAX_SAFE_INTEGER)
    assert.equal(optionalCountOf(args, 'empty'), null)
    assert.equal(optionalCountOf(args, 'missing'), null)
    assert.throws(() => textOf(args, 'missing'), isProtocolError)
    for (const name of ['text', 'empty', 'over', 'missing']) {
      assert.throws(() => countOf(args, name), isProtocolError, name)
    }
    for (const text of ['-1', '1.5', '1e3', '0x10', ' 1', '1'.repeat(17)]) {
      assert.throws(() => countOf(new Map([['n', text]]), 'n'), isProtocolError, text)
    }
  })

  it('are lists of a length that can be', () => {
    const items = decodeArguments('n=2&item1=a&item2=b&item3=c')
    assert.deepEqual(
      listOf(items, 'n', (n) => textOf(items, `item${n}`)),
      ['a', 'b'],
    )
    const huge = new Map([['n', '1000000000']])
    assert.throws(() => listOf(huge, 'n', (n) => n), isProtocolError)
    const short = decodeArguments('n=2&item1=a')
    assert.throws(() => listOf(short, 'n', (n) => textOf(short, `item${n}`)), isProtocolError)
  })
})
