import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { SqlConnection } from '../../src/client/sql-connection.ts'
import { DATABASE, startLoneMariadb, USER } from '../support/mariadb.ts'

const { signal } = new AbortController()
const server = await startLoneMariadb({ after })

test('an answer without rows, as to a statement that changes something, ends the connection', async (t) => {
  const address = { ...server.address, database: DATABASE }
  const credentials = { ...USER, charset: 'utf8mb4' as const }
  for (const ask of ['execute', 'query'] as const) {
    const open = { timeoutMs: 20_000, signal, now: 0 }
    const connection = await SqlConnection.open(address, credentials, open)
    t.after(() => connection.destroy())
    const answer = (sql: string) =>
      ask === 'query' ? connection.query(sql, 20_000) : connection.execute(sql, [], 20_000)
    assert.equal((await answer('SELECT 1 AS one')).length, 1)
    await assert.rejects(answer('SET @a = 1'), { code: 'protocol_error', message: /without rows/ })
    assert.equal(connection.isUsable, false)
  }
})
