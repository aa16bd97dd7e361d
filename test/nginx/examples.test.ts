import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { join } from 'node:path'
import { describe, it, type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { defaultEdgeConf } from '../../src/config/index.ts'
import { createToken } from '../../src/wire/token.ts'
import { EdgeFixture, JPG } from '../support/edge-fixture.ts'
import { freePort } from '../support/free-port.ts'
import { loadModule, Nginx, writeIncludes } from '../support/nginx.ts'
import { SECRET } from '../support/nginx-fixture.ts'

const EXAMPLES = join(import.meta.dirname, '../../nginx/examples')
const PICTURE = join(import.meta.dirname, '../fixtures/media/hills.jpg')

interface Example {
  readonly nginx: Nginx
  /** Of the server on port 80 or 8888. */
  readonly port: number
  readonly tlsPort: number
  readonly storePath: string
}

/** An example with its ports and folders moved to free ones. */
async function createExample(t: TestContext, name: string, edgePort = 8090): Promise<Example> {
  const folder = await mkdtemp('/tmp/dfs-edge-nginx-')
  await chmod(folder, 0o755)
  t.after(() => rm(folder, { recursive: true, force: true }))
  const storePath = join(folder, 'store')
  await mkdir(join(storePath, 'data/00/00'), { recursive: true })
  const dir = await writeIncludes(confOf({ folder, storePath, edgePort }), folder)
  if (name === 'cdn-origin') await makeCertificate(folder)
  const [port, tlsPort, innerPort] = [await freePort(), await freePort(), await freePort()]
  const text = await readFile(join(EXAMPLES, `${name}.conf`), 'utf8')
  const own = text
    // Ports below 1024 are root's, others may be taken.
    .replaceAll('127.0.0.1:8881', `127.0.0.1:${innerPort}`)
    .replaceAll('127.0.0.1:80$', `127.0.0.1:${port}$`)
    .replace('listen 443', `listen 127.0.0.1:${tlsPort}`)
    .replace(/listen (?:80|8888)/g, `listen 127.0.0.1:${port}`)
    .replaceAll('/etc/nginx/dfs-edge', dir)
    .replaceAll('/etc/ssl/files.example.com', join(folder, 'tls'))
    .replaceAll(/\/var\/(?:log|cache)\/nginx/g, folder)
    .replace('http {', `http {\naccess_log off;\nclient_body_temp_path ${folder}/body;`)
  const nginx = await Nginx.create({ folder, http: '' })
  const load = `${loadModule('js')}${loadModule('image_filter')}`
  await writeFile(join(folder, 'nginx.conf'), `${load}pid ${folder}/pid;\n${own}`)
  return { nginx, port, tlsPort, storePath }
}

function confOf(at: { folder: string; storePath: string; edgePort: number }) {
  const base = defaultEdgeConf()
  return {
    ...base,
    listen: [{ host: '127.0.0.1', port: at.edgePort }],
    antiSteal: { ...base.antiSteal, secretKey: SECRET },
    localGroups: [{ groupName: 'group1', storageServerPort: 23000, storePaths: [at.storePath] }],
    nginx: { ...base.nginx, cachePath: join(at.folder, 'cache') },
  }
}

async function makeCertificate(folder: string): Promise<void> {
  const subject = ['-x509', '-nodes', '-days', '2', '-subj', '/CN=files.example.com']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']
  const files = ['-keyout', join(folder, 'tls.key'), '-out', join(folder, 'tls.pem')]
  await promisify(execFile)('openssl', ['req', ...subject, ...key, ...files])
}

for (const name of ['storage-host', 'edge-host', 'cdn-origin', 'thumbnails']) {
  test(`nginx takes the example ${name}.conf`, async (t) => {
    const { nginx } = await createExample(t, name)
    const { isGood, said } = await nginx.test()
    assert.ok(isGood, said)
  })
}

/** Width and height of a JPEG, by its frame header (SOF0 to SOF2). */
function sizeOfJpeg(bytes: Buffer): readonly [width: number, height: number] {
  for (let at = 2; at < bytes.length; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes.readUInt8(at + 1)
    if (marker >= 0xc0 && marker <= 0xc2)
      return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)]
  }
  throw new Error('no JPEG')
}

describe('the examples at work', () => {
  const edge = EdgeFixture.use({ trust: { proxies: ['127.0.0.1'] } })

  it('thumbnails: of the sizes listed, made once', async (t) => {
    const { nginx, port, storePath } = await createExample(t, 'thumbnails', edge.port)
    await cp(PICTURE, join(storePath, 'data', JPG.replace('/group1/M00/', '')))
    await nginx.start(port)
    t.after(() => nginx.stop())
    const get = (path: string) => fetch(`http://127.0.0.1:${port}${path}`)
    for (const cache of ['MISS', 'HIT']) {
      const answer = await get(`/thumb/100x100${JPG}`)
      assert.deepEqual([answer.status, answer.headers.get('x-cache-status')], [200, cache])
      const [width, height] = sizeOfJpeg(Buffer.from(await answer.arrayBuffer()))
      assert.equal(Math.max(width, height), 100)
    }
    const original = await get(JPG)
    assert.deepEqual(Buffer.from(await original.arrayBuffer()), await readFile(PICTURE))
    assert.equal((await get(`/thumb/101x101${JPG}`)).status, 404)
    assert.equal((await get(`/thumb/100x100${JPG.replace('.jpg', '.gif')}`)).status, 404)
  })

  it('the origin of a CDN: HTTP/2 over TLS, tokens for one group', async (t) => {
    const { nginx, port, tlsPort, storePath } = await createExample(t, 'cdn-origin', edge.port)
    await cp(PICTURE, join(storePath, 'data', JPG.replace('/group1/M00/', '')))
    const paid = JPG.replace('group1', 'group2')
    edge.transfer.add(paid, await readFile(PICTURE))
    await nginx.start(port)
    t.after(() => nginx.stop())
    const plain = await fetch(`http://127.0.0.1:${port}${JPG}`, { redirect: 'manual' })
    assert.equal(plain.status, 301)
    const session = connectHttp2(`https://127.0.0.1:${tlsPort}`, { rejectUnauthorized: false })
    t.after(() => session.destroy())
    const statusOf = (path: string): Promise<number> =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':path': path, ':authority': 'files.example.com' })
        stream.once('response', (headers) => resolve(Number(headers[':status'])))
        stream.once('error', reject)
        stream.resume()
      })
    assert.equal(await statusOf(JPG), 200)
    assert.equal(await statusOf(paid), 403)
    const ts = `${Math.floor(Date.now() / 1000)}`
    const right = createToken(paid.replace('/group2/', ''), ts, SECRET)
    assert.equal(await statusOf(`${paid}?token=${right}&ts=${ts}`), 200)
  })
})
