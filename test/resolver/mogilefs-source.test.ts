import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MogilefsFile, MogilefsLookup } from '../../src/client/mogilefs-file.ts'
import { EdgeError } from '../../src/errors.ts'
import { type MogilefsSource, MogilefsSources } from '../../src/resolver/mogilefs-source.ts'

const KEY = { domain: 'img', key: 'test' }
const FILE: MogilefsFile = { fid: 3, length: 13, copies: [], checksum: null }
const NO_KEY = { lookup: 'no_key', isAuthoritative: false } as const
const { signal } = new AbortController()

type Says = MogilefsLookup | 'silent'

/** Longer than any test may take. */
const FOREVER = 100_000

interface Script {
  readonly name: string
  readonly says: Says
  readonly isAuthoritative?: boolean
  /** Undefined: it does not lead to the primary. */
  readonly primary?: Says
}

function inOrder(sources: readonly MogilefsSource[], hedgeMs = FOREVER): MogilefsSources {
  return new MogilefsSources({ sources, hedgeMs })
}

/** Sources that say what the scripts say; `asked` lists who was asked for what. */
function script(scripts: readonly Script[]): { sources: MogilefsSources; asked: string[] } {
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
  return { sources: inOrder(sources), asked }
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
      const found = scripted.sources.lookUp(KEY, signal)
      if (result === 'silent') await assert.rejects(found, { code: 'no_tracker' })
      else assert.equal(await found, result)
      assert.deepEqual(scripted.asked, asked)
    })
  }
})

describe('asking the primary', () => {
  it('says nothing where no way leads there', async () => {
    const { sources } = script([{ name: 'tracker', says: FILE }])
    assert.equal(await sources.lookUpOnPrimary(KEY, signal), undefined)
  })

  it('a bug is not taken for silence', async () => {
    const bug = new TypeError('bug')
    const locate = async () => Promise.reject(bug)
    await assert.rejects(
      inOrder([{ locate, locateOnPrimary: locate, copiesOf: locate }]).lookUp(KEY, signal),
      bug,
    )
  })
})

/** Whoever asks it waits until `answer` settles. */
function slow(answer: Promise<MogilefsLookup>): MogilefsSource {
  return {
    locate: async () => ({ lookup: await answer, isAuthoritative: false }),
    locateOnPrimary: async () => undefined,
    copiesOf: async (fid) => ((await answer) === FILE ? [copyOf(fid)] : []),
  }
}

/** Answers nothing, but that it leads to a primary that is silent. */
function hangingOnPrimary(silence: Promise<MogilefsLookup>): MogilefsSource {
  const locate = async () => ({ lookup: 'no_key' as const, isAuthoritative: false })
  return { ...slow(silence), locate, locateOnPrimary: () => silence }
}

function knowsNothing(onAsked: () => void): MogilefsSource {
  const locate = async () => {
    onAsked()
    return NO_KEY
  }
  return { ...says('no_key'), locate }
}

const copyOf = (fid: number) => ({ devid: 1, fid, host: '127.0.0.1', port: 7500 })
const says = (lookup: MogilefsLookup): MogilefsSource => slow(Promise.resolve(lookup))
const SILENCE = new Promise<MogilefsLookup>(() => undefined)

describe('a way that is silent', () => {
  it('does not keep the next one from being asked', async () => {
    for (const silent of [slow(SILENCE), hangingOnPrimary(SILENCE)]) {
      const sources = inOrder([silent, says(FILE)], 1)
      assert.equal(await sources.lookUp(KEY, signal), FILE)
      assert.deepEqual(await sources.findCopies(3, signal), [copyOf(3)])
    }
  })

  it('does not keep the primary from being asked by the next one', async () => {
    const byTracker = { ...says('no_key'), locateOnPrimary: async () => FILE }
    const sources = inOrder([hangingOnPrimary(SILENCE), byTracker], 1)
    assert.equal(await sources.lookUpOnPrimary(KEY, signal), FILE)
  })

  it('may know what the next one does not: its answer is waited for', async () => {
    const { promise, resolve } = Promise.withResolvers<MogilefsLookup>()
    const next = knowsNothing(() => resolve(FILE))
    assert.equal(await inOrder([slow(promise), next], 1).lookUp(KEY, signal), FILE)
  })

  it('leaves a "no" of the next one without proof where it fails in the end', async () => {
    const { promise, reject } = Promise.withResolvers<MogilefsLookup>()
    const next = knowsNothing(() => reject(new EdgeError('no_tracker', 'no answer in time')))
    const sources = inOrder([hangingOnPrimary(promise), next], 1)
    await assert.rejects(sources.lookUp(KEY, signal), { code: 'no_tracker' })
  })
})
