import assert from 'node:assert/strict'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import { run } from '../support/command-line.ts'
import { freePort } from '../support/free-port.ts'
import { mogilefsConf } from '../support/mogilefs-stack.ts'
import { Nginx, writeIncludes } from '../support/nginx.ts'

const EXAMPLE = join(import.meta.dirname, '../../nginx/examples/mogilefs-host.conf')
const OPTIONAL = ['token_check.conf', 'cors.conf', 'hotlink.conf', 'limits.conf']

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp('/tmp/dfs-edge-nginx-')
  await chmod(folder, 0o755)
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function confOf(folder: string, change: { secretKey?: string; leadingSlash?: boolean }): EdgeConf {
  const base = defaultEdgeConf()
  const { secretKey = '', leadingSlash = false } = change
  const vhosts = {
    exact: new Map([['img.example.com', 'a domain; with "quotes" \\']]),
    wildcards: new Map([['.video.example.com', 'vidéo']]),
  }
  return {
    ...base,
    mogilefs: mogilefsConf({ trackers: [] }, { vhosts, hasLeadingSlash: leadingSlash }),
    antiSteal: { ...base.antiSteal, secretKey },
    nginx: { ...base.nginx, cachePath: join(folder, 'cache') },
  }
}

async function assertGood(folder: string, dir: string, location: string) {
  const nginx = await Nginx.create({
    folder,
    http: `include ${dir}/http.conf;
server { listen 127.0.0.1:${await freePort()}; server_name a.example;
  include ${dir}/mogilefs_server.conf;
  location /img/ { ${location} }
  location ~ ^/group1/ { include ${dir}/ngx_fastdfs_module.conf; } }`,
  })
  const { isGood, said } = await nginx.test()
  assert.ok(isGood, said)
}

for (const change of [{}, { secretKey: 'hush' }, { leadingSlash: true }]) {
  test(`nginx takes the includes for MogileFS ${JSON.stringify(change)}`, async (t) => {
    const folder = await folderOf(t)
    const dir = await writeIncludes(confOf(folder, change), folder)
    const include = (name: string) => `include ${dir}/${name};`
    const module = include('ngx_mogilefs_module.conf')
    await assertGood(folder, dir, module)
    for (const name of OPTIONAL) {
      await assertGood(folder, dir, `${include(name)} ${module}`)
      await assertGood(folder, dir, `${module} ${include(name)}`)
    }
    await assertGood(folder, dir, `set $dfs_domain img; ${module}`)
    await assertGood(folder, dir, `${module} set $dfs_domain img;`)
  })
}

test('nginx takes the example mogilefs-host.conf', async (t) => {
  const folder = await folderOf(t)
  const dir = await writeIncludes(confOf(folder, {}), folder)
  const text = await readFile(EXAMPLE, 'utf8')
  const nginx = await Nginx.create({ folder, http: '' })
  const own = text
    .replaceAll('/etc/nginx/dfs-edge', dir)
    .replaceAll('/var/log/nginx', folder)
    .replaceAll('listen 80', `listen 127.0.0.1:${await freePort()}`)
    .replace('http {', `http {\naccess_log off;\nclient_body_temp_path ${folder}/body;`)
  await writeFile(join(folder, 'nginx.conf'), `pid ${folder}/pid;\n${own}`)
  const { isGood, said } = await nginx.test()
  assert.ok(isGood, said)
})

test('dfs-edge nginx writes the domains of host names', async (t) => {
  const folder = await folderOf(t)
  const conf = join(folder, 'edge.conf')
  const lines = ['trackers = 127.0.0.1:7001', '[vhost]', 'img.example.com = img', '*.b.example = b']
  await writeFile(conf, lines.join('\n'))
  const out = join(folder, 'out')
  const { code, stdout, stderr } = await run(['nginx', '--conf', conf, '--out', out])
  assert.deepEqual([code, stderr], [0, ''])
  assert.match(stdout, /mogilefs_server\.conf/)
  assert.match(stdout, /ngx_mogilefs_module\.conf/)
  const values = await readFile(join(out, 'values.conf'), 'utf8')
  assert.match(
    values,
    /hostnames;\n {4}default "";\n {4}img\.example\.com "img";\n {4}\*\.b\.example "b";/,
  )
})

test('dfs-edge nginx says which domain nginx cannot be told', async (t) => {
  const folder = await folderOf(t)
  const conf = join(folder, 'edge.conf')
  await writeFile(conf, 'trackers = a\n[vhost]\nimg.example.com = a$b\n')
  const { code, stderr } = await run(['nginx', '--conf', conf, '--out', join(folder, 'out')])
  assert.equal(code, 2)
  assert.match(stderr, /\[vhost\]: .*a\$b/)
})
