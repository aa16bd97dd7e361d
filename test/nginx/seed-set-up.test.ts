import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import pino from 'pino'
import { type RunningEdge, startEdge } from '../../src/app/wiring.ts'
import { formatAddress } from '../../src/client/address.ts'
import { type EdgeConf, readEdgeConf } from '../../src/config/index.ts'
import type { FastdfsRef } from '../../src/resolver/resolver.ts'
import { formatRef } from '../../src/resolver/resolver.ts'
import { requestOnce } from '../support/edge-fixture.ts'
import { type Stack, startStack } from '../support/edge-stack.ts'
import { freePort } from '../support/free-port.ts'
import { Nginx, writeIncludes } from '../support/nginx.ts'
import { randomContent } from '../support/random-content.ts'
import { RawClient } from '../support/raw-http.ts'

const FIXTURES = join(import.meta.dirname, '../fixtures/nginx')
const read = (name: string) => readFile(join(FIXTURES, name), 'utf8')

test('one line changed and one include added is all', async () => {
  const [before, after] = [
    (await read('before.conf')).split('\n'),
    (await read('after.conf')).split('\n'),
  ]
  const removed = before.filter((line) => !after.includes(line))
  const added = after.filter((line) => !before.includes(line))
  assert.deepEqual(
    removed.map((line) => line.trim()),
    ['ngx_fastdfs_module;'],
  )
  assert.deepEqual(
    added.map((line) => line.trim()),
    [
      'include /etc/nginx/dfs-edge/http.conf;',
      'include /etc/nginx/dfs-edge/ngx_fastdfs_module.conf;',
    ],
  )
})

test('the set-up of a storage host serves the same URLs afterwards', async (t) => {
  const stack = await startStack(t)
  const folder = await mkdtemp('/tmp/dfs-edge-nginx-')
  const [storePath = ''] = stack.store.storePaths('group1')
  await chmod(join(storePath, '../..'), 0o755)
  const conf = await readConf(folder, stack, storePath)
  const port = await freePort()
  const nginx = await createNginx(folder, { conf, port })
  const edge = await startEdge(conf, { logger: pino({ level: 'silent' }) })
  t.after(async () => {
    await nginx.stop()
    await edge.close(0)
    await rm(folder, { recursive: true, force: true })
  })
  await nginx.start(port)
  await assertServes(stack, { port, nginx })
  await assertServesFromDisk(t, stack, { port, edge })
})

/** mod_fastdfs.conf as it stands, but for addresses and folders of this test. */
async function readConf(folder: string, stack: Stack, storePath: string): Promise<EdgeConf> {
  const text = (await read('mod_fastdfs.conf'))
    .replace('192.168.0.10:22122', formatAddress(stack.store.tracker.address))
    .replace('/home/fastdfs', storePath)
  await writeFile(join(folder, 'mod_fastdfs.conf'), text)
  const { conf, faults } = readEdgeConf(join(folder, 'mod_fastdfs.conf'))
  assert.ok(conf !== undefined, JSON.stringify(faults))
  const listen = [{ host: '127.0.0.1', port: await freePort() }]
  return { ...conf, listen, nginx: { ...conf.nginx, cachePath: join(folder, 'cache') } }
}

async function createNginx(
  folder: string,
  { conf, port }: { conf: EdgeConf; port: number },
): Promise<Nginx> {
  const dir = await writeIncludes(conf, folder)
  const nginx = await Nginx.create({ folder, http: '' })
  await writeFile(join(folder, 'mime.types'), 'types { image/jpeg jpg; }')
  const text = (await read('after.conf'))
    .replaceAll('/etc/nginx/dfs-edge', dir)
    .replace('127.0.0.1:8888', `127.0.0.1:${port}`)
    .replace('http {', `http { access_log off; client_body_temp_path body; proxy_temp_path proxy;`)
  await writeFile(join(folder, 'nginx.conf'), `pid ${folder}/pid;\n${text}`)
  return nginx
}

async function assertServes(stack: Stack, at: { port: number; nginx: Nginx }): Promise<void> {
  const content = randomContent(30_720)
  const thumbnail = randomContent(2000)
  const master = await stack.upload(content, { extName: 'jpg' })
  const slave = await stack.uploadSlave(master, thumbnail, { prefix: '_150x150', extName: 'jpg' })
  const appender = await stack.upload(content, { extName: 'log', isAppender: true })
  for (const [ref, wanted] of [
    [master, content],
    [slave, thumbnail],
    [appender, content],
  ] as const) {
    const { status, body } = await get(at.port, ref)
    assert.equal(status, 200, at.nginx.log)
    assert.deepEqual(body, wanted)
  }
  const part = await get(at.port, master, { Range: 'bytes=0-0' })
  assert.deepEqual([part.status, part.body], [206, content.subarray(0, 1)])
  const missing = { ...master, filename: master.filename.replace('.jpg', '_no.jpg') }
  assert.equal((await get(at.port, missing)).status, 404)
}

/** What nginx reads from the disk and what the edge makes of a file have the same validators. */
async function assertServesFromDisk(
  _t: TestContext,
  stack: Stack,
  { port, edge }: { port: number; edge: RunningEdge },
): Promise<void> {
  const file = await stack.upload(randomContent(5000), { extName: 'jpg' })
  const [edgePort = 0] = edge.urls.map((url) => Number(new URL(url).port))
  const [disk, alone] = [await get(port, file), await get(edgePort, file)]
  for (const name of ['etag', 'last-modified', 'content-type', 'cache-control'] as const) {
    assert.equal(disk.headers[name], alone.headers[name], name)
  }
  await edge.close(0)
  assert.deepEqual((await get(port, file)).body, alone.body)
}

function get(port: number, ref: FastdfsRef, headers: Record<string, string> = {}) {
  return requestOnce(new RawClient(port), formatRef(ref), { headers })
}
