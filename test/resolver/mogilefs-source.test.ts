import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MogilefsFile, MogilefsLookup } from '../../src/client/mogilefs-file.ts'
import { EdgeError } from '../../src/errors.ts'
import { lookUp, lookUpOnPrimary, type MogilefsSource } from '../../src/resolver/mogilefs-source.ts'

const KEY = { domain: 'img', key: 'test' }
const FILE: MogilefsFile = { fid: 3, length: 13, copies: [], checksum: null }
const { signal } = new AbortController()

type Says = MogilefsLookup | 'silent'

interface Script {
  readonly name: string
  readonly says: Says
  readonly isAuthoritative?: boolean
  /** Undefined: it does not lead to the primary. */
  readonly primary?: Says
}

/** Sources that say what the scripts say; `asked` lists who was asked for what. */
function script(scripts: readonly Script[]): { sources: MogilefsSource[]; asked: string[] } {
  const asked: string[] = []
  const answer = async (what: string, says: Says): Promise<MogilefsLookup> => {
    asked.push(what)
    if (says === 'silent') throw new EdgeError('no_tracker', what)
    return says
  }
  const sources = scripts.map(({ name, says, isAuthoritative = false, primary }) => ({
    locate: async () => ({ lookup: await answer(name, says), isAuthoritative }),
    locateOnPrimary: async () =>
      primary === undefined ? undefined : answer(`primary by ${name}`, primary),
    copiesOf: async () => [],
  }))
  return { sources, asked }
}

describe('asking several ways for a key', () => {
  const cases: readonly {
    readonly what: string
    readonly scripts: readonly Script[]
    readonly result: Says
    readonly asked: readonly string[]
  }[] = [
    {
      what: 'the first that knows it is believed',
      scripts: [
        { name: 'replica', says: FILE, primary: 'no_key' },
        { name: 'tracker', says: 'no_key' },
      ],
      result: FILE,
      asked: ['replica'],
    },
    {
      what: 'a replica that does not know it is behind: the tracker is asked',
      scripts: [
        { name: 'replica', says: 'no_key' },
        { name: 'tracker', says: FILE },
      ],
      result: FILE,
      asked: ['replica', 'tracker'],
    },
    {
      what: 'its primary goes before another way',
      scripts: [
        { name: 'replica', says: 'no_key', primary: FILE },
        { name: 'tracker', says: 'no_key' },
      ],
      result: FILE,
      asked: ['replica', 'primary by replica'],
    },
    {
      what: 'where nobody knows it the primary is asked',
      scripts: [
        { name: 'replica', says: 'no_key' },
        { name: 'tracker', says: 'no_key', primary: FILE },
      ],
      result: FILE,
      asked: ['replica', 'tracker', 'primary by tracker'],
    },
    {
      what: 'the word of the primary is final',
      scripts: [
        { name: 'primary', says: 'no_key', isAuthoritative: true },
        { name: 'tracker', says: FILE },
      ],
      result: 'no_key',
      asked: ['primary'],
    },
    {
      what: 'a way that does not answer is passed by',
      scripts: [
        { name: 'database', says: 'silent' },
        { name: 'tracker', says: FILE },
      ],
      result: FILE,
      asked: ['database', 'tracker'],
    },
    {
      what: 'a "no" that nobody can vouch for is no "no"',
      scripts: [{ name: 'replica', says: 'no_key', primary: 'silent' }],
      result: 'silent',
      asked: ['replica', 'primary by replica'],
    },
    {
      what: 'a primary that one way does not reach is asked by the other',
      scripts: [
        { name: 'replica', says: 'no_key', primary: 'silent' },
        { name: 'tracker', says: 'no_key', primary: 'no_key' },
      ],
      result: 'no_key',
      asked: ['replica', 'primary by replica', 'tracker', 'primary by tracker'],
    },
    {
      what: 'nor one of a tracker that may be behind too',
      scripts: [
        { name: 'replica', says: 'no_key', primary: 'silent' },
        { name: 'old tracker', says: 'no_key' },
      ],
      result: 'silent',
      asked: ['replica', 'primary by replica', 'old tracker'],
    },
    {
      what: 'an old tracker that cannot ask the primary is believed',
      scripts: [{ name: 'tracker', says: 'no_key' }],
      result: 'no_key',
      asked: ['tracker'],
    },
    {
      what: 'no way answers',
      scripts: [
        { name: 'database', says: 'silent' },
        { name: 'tracker', says: 'silent' },
      ],
      result: 'silent',
      asked: ['database', 'tracker'],
    },
    {
      what: 'an unknown domain is a "no" as well',
      scripts: [{ name: 'tracker', says: 'no_domain', primary: 'no_domain' }],
      result: 'no_domain',
      asked: ['tracker', 'primary by tracker'],
    },
  ]
  for (const { what, scripts, result, asked } of cases) {
    it(what, async () => {
      const scripted = script(scripts)
      const found = lookUp(scripted.sources, KEY, signal)
      if (result === 'silent') await assert.rejects(found, { code: 'no_tracker' })
      else assert.equal(await found, result)
      assert.deepEqual(scripted.asked, asked)
    })
  }
})

describe('asking the primary', () => {
  it('says nothing where no way leads there', async () => {
    const { sources } = script([{ name: 'tracker', says: FILE }])
    assert.equal(await lookUpOnPrimary(sources, KEY, signal), undefined)
  })

  it('a bug is not taken for silence', async () => {
    const bug = new TypeError('bug')
    const locate = async () => Promise.reject(bug)
    await assert.rejects(
      lookUp([{ locate, locateOnPrimary: locate, copiesOf: locate }], KEY, signal),
      bug,
    )
  })
})
