import assert from 'node:assert/strict'
import { after, afterEach, test } from 'node:test'
import { schemaSql, startMariadb } from '../support/mariadb.ts'
import { CLUSTER, fileOf, fileSql, never, openDb } from './mogilefs-db-fixture.ts'

const LATIN1 = 'mogilefs_latin1'
const OLD_KEY = '买家秀/图1.jpg'

const { primary, exec } = await startMariadb({ after, afterEach })

/** Bytes of UTF-8 as they are, in columns that say they are latin1. */
const raw = (text: string): string => `x'${Buffer.from(text).toString('hex')}'`
const many = Array.from({ length: 500 }, (_, i) => `(${1000 + i}, 1, 'key${i}', 13, 1, 2)`)

await exec(`CREATE DATABASE ${LATIN1}; USE ${LATIN1}; ${await schemaSql('latin1')} ${CLUSTER};
  INSERT INTO domain VALUES (3, ${raw('店铺')});
  INSERT INTO file VALUES (1, 1, ${raw(OLD_KEY)}, 13, 1, 2), (2, 1, ${raw('café.jpg')}, 13, 1, 2),
    (3, 1, 'Plain.jpg', 13, 1, 2), (4, 3, ${raw('图')}, 13, 1, 2),
    (5, 1, CONVERT('naïve.jpg' USING latin1), 13, 1, 2), ${many.join()};
  INSERT INTO file_on VALUES (1, 1), (1, 2), (2, 1), (3, 1), (4, 1), (5, 1);
  ANALYZE TABLE file, file_on`)

function open(t: { after(fn: () => unknown): void }, charset: 'latin1' | 'utf8mb4') {
  const servers = [{ ...primary.address, database: LATIN1 }]
  const opened = openDb(t, [], { servers, charset })
  const fidOf = async (key: string, domain = 'img') => {
    const { lookup } = await opened.db.locate({ domain, key }, never)
    return lookup === 'no_key' || lookup === 'no_domain' ? lookup : fileOf(lookup).fid
  }
  return { ...opened, fidOf }
}

test('raw UTF-8 in latin1 columns is found with charset latin1', async (t) => {
  const { fidOf, db } = open(t, 'latin1')
  assert.equal(await fidOf(OLD_KEY), 1)
  assert.equal(await fidOf('café.jpg'), 2)
  assert.equal(await fidOf('图', '店铺'), 4)
  assert.ok(db.domains().includes('店铺'))
})

test('its collation is that of the column: case and trailing blanks do not count', async (t) => {
  const { fidOf } = open(t, 'latin1')
  assert.equal(await fidOf('PLAIN.JPG '), 3)
  assert.equal(await fidOf('Plain.jpg/'), 'no_key')
})

test('with utf8mb4 only keys that are latin1 are found, and others are no failure', async (t) => {
  const { fidOf, events } = open(t, 'utf8mb4')
  assert.equal(await fidOf('naïve.jpg'), 5)
  assert.equal(await fidOf(OLD_KEY), 'no_key')
  assert.equal(await fidOf('😀'), 'no_key')
  assert.deepEqual(events, [])
})

for (const charset of ['latin1', 'utf8mb4'] as const) {
  test(`${charset}: the key is looked up in the index, whatever it holds`, async (t) => {
    const { fidOf } = open(t, charset)
    await fidOf('key7')
    for (const key of ['key7', 'naïve.jpg', OLD_KEY, 'missing']) {
      const before = await rowsRead()
      await fidOf(key)
      const read = (await rowsRead()) - before
      assert.ok(read < 10, `${read} rows were read for ${key}`)
    }
  })
}

/** Rows that the server has read one after the other, in an index or without. */
async function rowsRead(): Promise<number> {
  const [row] = await exec(
    "SELECT SUM(VARIABLE_VALUE) AS n FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ('HANDLER_READ_NEXT', 'HANDLER_READ_RND_NEXT')",
  )
  return Number(row?.['n'])
}

test('fixtures of the other tests keep their bytes', async (t) => {
  await exec(`${CLUSTER}; ${fileSql({ fid: 1, key: OLD_KEY })}`)
  const { lookup } = await openDb(t, [primary]).db.locate({ domain: 'img', key: OLD_KEY }, never)
  assert.equal(fileOf(lookup).fid, 1)
})
