import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseSettings, startMariadb, USER } from '../support/mariadb.ts'
import { scrape } from '../support/prometheus.ts'
import { ServeProcess } from '../support/serve-process.ts'

test('metrics tell of a replica as much as it may say', async (t) => {
  const mariadb = await startMariadb(t)
  const { replica } = mariadb
  await mariadb.caughtUp()
  const settings = [...databaseSettings(mariadb), 'nginx_cache_path = /does/not/exist'].join('\n')
  const told = async (): Promise<object> => {
    const serve = await ServeProcess.start(t, settings)
    const read = await scrape(serve.admin)
    await serve.stop()
    const names = ['lag_files', 'lag_seconds', 'stopped'].map(
      (name) => `dfs_edge_replication_${name}`,
    )
    return Object.fromEntries(names.flatMap((name) => read.entries(name)))
  }
  const label = `{host="127.0.0.1:${replica.port}"}`
  assert.deepEqual(await told(), { [`dfs_edge_replication_lag_files${label}`]: 0 })
  await mariadb.exec(`GRANT REPLICA MONITOR ON *.* TO '${USER.user}'@'%'`)
  await mariadb.caughtUp()
  assert.deepEqual(await told(), {
    [`dfs_edge_replication_lag_seconds${label}`]: 0,
    [`dfs_edge_replication_stopped${label}`]: 0,
  })
  await mariadb.stopReplication()
  assert.deepEqual(await told(), { [`dfs_edge_replication_stopped${label}`]: 1 })
})
