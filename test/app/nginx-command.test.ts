import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { run } from '../support/command-line.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('nginx says what comes into nginx.conf, and which folder is missing', async (t) => {
  const folder = await temporaryFolder(t)
  const [conf, out] = [join(folder, 'edge.conf'), join(folder, 'out')]
  await writeFile(conf, `trackers = 127.0.0.1:7001\nnginx_cache_path = ${folder}/deep/cache\n`)
  const mogilefs = await run(['nginx', '--conf', conf, '--out', out])
  assert.equal(mogilefs.code, 0, mogilefs.stderr)
  assert.match(mogilefs.stdout, /include .*\/ngx_mogilefs_module\.conf;/)
  assert.doesNotMatch(mogilefs.stdout, /ngx_fastdfs_module/)
  assert.ok(mogilefs.stdout.includes(`Then: mkdir -p ${folder}/deep && nginx -t`))
  await writeFile(conf, `tracker_server = 127.0.0.1:22122\nnginx_cache_path = ${folder}/cache\n`)
  const fastdfs = await run(['nginx', '--conf', conf, '--out', out])
  assert.match(fastdfs.stdout, /include .*\/ngx_fastdfs_module\.conf;/)
  assert.doesNotMatch(fastdfs.stdout, /mogilefs/)
  assert.match(fastdfs.stdout, /Then: nginx -t && nginx -s reload/)
})
