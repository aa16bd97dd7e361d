import assert from 'node:assert/strict'
import { after, afterEach, describe, it } from 'node:test'
import type { EdgeConf } from '../../src/config/index.ts'
import { CLUSTER } from '../client/mogilefs-db-fixture.ts'
import { DATABASE, startMariadb, USER } from '../support/mariadb.ts'
import { type MogilefsStack, startMogilefs } from '../support/mogilefs-stack.ts'

const { signal } = new AbortController()
const KEYS = ['first', 'second']
const CONTENT = Buffer.from('some bytes')
/** Longer than any test may take: what passes has not waited for it. */
const FOREVER = 100_000

const pair = await startMariadb({ after, afterEach })
await pair.exec(CLUSTER)
await pair.caughtUp()

function patient(conf: EdgeConf): EdgeConf {
  const timeouts = { ...conf.timeouts, firstAnswerMs: FOREVER, connectMs: FOREVER, hedgeMs: 50 }
  return { ...conf, timeouts }
}

/** A primary and a replica are asked first, then the tracker, for everything anew. */
function start(t: { after(fn: () => unknown): void }): Promise<MogilefsStack> {
  const servers = [pair.primary, pair.replica].map(({ address }) => ({
    ...address,
    database: DATABASE,
  }))
  const database = { servers, ...USER, charset: 'utf8mb4' as const, connectionsMax: 4 }
  const mogilefs = { database, resolve: ['database', 'tracker'] as const }
  return startMogilefs(t, { isNothingKept: true, conf: patient, mogilefs })
}

async function suspend(t: { after(fn: () => unknown): void }): Promise<void> {
  t.after(() => pair.resume(pair.primary))
  await pair.suspend(pair.primary)
}

async function read({ transfer }: MogilefsStack, key: string): Promise<unknown> {
  const ref = { system: 'mogilefs', domain: 'img', key } as const
  return (await transfer.open(ref, null, { signal }))?.body
}

describe('keys that only the tracker knows, while the primary database hangs', () => {
  it('are found after a short silence', async (t) => {
    const stack = await start(t)
    for (const key of [...KEYS, 'third']) await stack.putAs(key, CONTENT)
    // Until its connections are open the primary may be silent for longer than that.
    let found = await read(stack, 'third')
    for (let i = 0; i < 100 && found !== undefined; i += 1) found = await read(stack, 'third')
    assert.equal(found, undefined, 'the primary has the last word')
    await suspend(t)
    for (const key of KEYS) assert.deepEqual(await read(stack, key), CONTENT)
  })

  it('are found by an edge that is started only then', async (t) => {
    await suspend(t)
    const stack = await start(t)
    await stack.putAs('first', CONTENT)
    assert.deepEqual(await read(stack, 'first'), CONTENT)
  })
})
