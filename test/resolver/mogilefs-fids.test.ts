import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describe, it } from 'node:test'
import type { MogilefsRef } from '../../src/resolver/resolver.ts'
import { type MogilefsStack, startMogilefs } from '../support/mogilefs-stack.ts'
import { randomContent } from '../support/random-content.ts'

const { signal } = new AbortController()
const OLD = randomContent(2_000_000)
const NEW = randomContent(2_000_000, 2)
const PART = { start: 10, end: 1_500_000 }

/** A key that was overwritten, and a ref to the content before. */
async function overwrite(stack: MogilefsStack): Promise<{ ref: MogilefsRef; old: MogilefsRef }> {
  const ref = await stack.putAs('key', OLD)
  const facts = await stack.transfer.facts(ref)
  const fid = Number(facts?.etag.slice(1, -1))
  await stack.putAs('key', NEW)
  return { ref, old: { ...ref, fid } }
}

async function restore({ store }: MogilefsStack, fid: number | undefined): Promise<void> {
  for (const { devids } of store.mogstoreds) {
    for (const devid of devids) {
      const path = store.pathOf(devid, fid ?? 0)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, OLD)
    }
  }
}

/** `old`, `new`, something else, or null. */
async function read({ transfer }: MogilefsStack, ref: MogilefsRef): Promise<string | null> {
  const opened = await transfer.open(ref, PART, { signal })
  if (opened === null) return null
  const { body } = opened
  const chunks = Buffer.isBuffer(body) ? [body] : body
  const bytes = Buffer.concat(await Array.fromAsync(chunks, (chunk) => Buffer.from(chunk)))
  if (bytes.equals(OLD.subarray(PART.start, PART.end))) return 'old'
  return bytes.equals(NEW.subarray(PART.start, PART.end)) ? 'new' : `${bytes.length} other bytes`
}

describe('a key that is asked for by a fid', () => {
  it('gives what it had then, while a copy is left, and never anything else', async (t) => {
    const stack = await startMogilefs(t, { replicas: 2 })
    const { ref, old } = await overwrite(stack)
    await restore(stack, old.fid)
    assert.equal(await read(stack, old), 'old')
    const now = await stack.transfer.facts(ref, signal, { maxAgeMs: 0 })
    assert.notEqual(now?.etag, `"${old.fid}"`)
    assert.equal(await read(stack, ref), 'new')
    assert.equal(await read(stack, old), 'old')
  })

  it('is gone with its copies, and the key is not', async (t) => {
    const stack = await startMogilefs(t)
    const { ref, old } = await overwrite(stack)
    assert.equal(await read(stack, old), null)
    assert.equal(await read(stack, old), null)
    assert.equal(await read(stack, ref), 'new')
  })

  it('is looked up where this edge has not seen it, past what it remembers of the key', async (t) => {
    const stack = await startMogilefs(t)
    const ref = await stack.putAs('key', OLD)
    const fid = Number((await stack.transfer.facts(ref))?.etag.slice(1, -1))
    await stack.putAs('key', NEW)
    assert.equal(await read(stack, { ...ref, fid: fid + 1 }), 'new')
    assert.equal(await read(stack, { ...ref, fid: fid + 2 }), null)
    assert.equal(await read(stack, { ...ref, key: 'other', fid: fid + 2 }), null)
  })
})
