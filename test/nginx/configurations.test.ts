import assert from 'node:assert/strict'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import { run } from '../support/command-line.ts'
import { freePort } from '../support/free-port.ts'
import { Nginx, type NginxModule, writeIncludes } from '../support/nginx.ts'

const NGINX = join(import.meta.dirname, '../../nginx')
const FOR_HTTP = ['store_check.conf']
const FOR_OWN_LOCATION = ['edge_request.conf']
const FOR_LOCATION = ['token_check.conf', 'cors.conf', 'hotlink.conf', 'limits.conf']
const FOR_SERVER = ['token_check.conf']

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp('/tmp/dfs-edge-nginx-')
  await chmod(folder, 0o755)
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function confOf(folder: string, secretKey = ''): EdgeConf {
  const base = defaultEdgeConf()
  return {
    ...base,
    antiSteal: { ...base.antiSteal, secretKey },
    nginx: { ...base.nginx, cachePath: join(folder, 'cache') },
  }
}

interface Tried {
  readonly http?: string
  readonly server?: string
  readonly location?: string
  readonly modules?: readonly NginxModule[]
}

async function assertGood(folder: string, dir: string, tried: Tried): Promise<void> {
  const { http = '', server = '', location = '', modules = [] } = tried
  const nginx = await Nginx.create({
    folder,
    modules,
    http: `server_names_hash_bucket_size 64;
include ${dir}/http.conf; ${http}
server { listen 127.0.0.1:${await freePort()}; server_name a.example; ${server}
  location /group1/M00 { ${location} } }`,
  })
  const { isGood, said } = await nginx.test()
  assert.ok(isGood, said)
}

for (const secretKey of ['', 'a "key" \\ $x']) {
  test(`nginx takes every include ${secretKey && 'and a secret'}`, async (t) => {
    const folder = await folderOf(t)
    const dir = await writeIncludes(confOf(folder, secretKey), folder)
    const include = (name: string) => `include ${dir}/${name};`
    const module = include('ngx_fastdfs_module.conf')
    await assertGood(folder, dir, { location: module })
    for (const name of FOR_LOCATION) {
      await assertGood(folder, dir, { location: `${include(name)} ${module}` })
      await assertGood(folder, dir, { location: `${module} ${include(name)}` })
    }
    for (const name of FOR_OWN_LOCATION) {
      await assertGood(folder, dir, {
        location: `${include(name)} proxy_pass http://dfs_edge;`,
      })
    }
    for (const name of FOR_SERVER) {
      await assertGood(folder, dir, { server: include(name), location: module })
    }
    for (const name of FOR_HTTP) {
      await assertGood(folder, dir, { modules: ['js'], http: include(name), location: module })
    }
    const all = FOR_LOCATION.map(include).join(' ')
    const http = 'log_format x a; access_log off;'
    await assertGood(folder, dir, { http, location: `${all} ${module}` })
  })
}

test('every include is one of those that are tried', async () => {
  const parts = [
    'http',
    'edge-upstream',
    'ngx_fastdfs_module',
    'methods',
    'proxy',
    'proxy_cache',
    'proxy_cache_rules',
  ]
  const known = [
    ...parts.map((name) => `${name}.conf`),
    ...FOR_HTTP,
    ...FOR_LOCATION,
    ...FOR_OWN_LOCATION,
  ]
  const includes = (await readdir(NGINX)).filter((name) => name.endsWith('.conf'))
  // MogileFS's have tests of their own.
  const own = includes.filter((name) => !name.includes('mogilefs'))
  assert.deepEqual(own.sort(), known.sort())
})

test('dfs-edge nginx writes them, secrets for one pair of eyes', async (t) => {
  const folder = await folderOf(t)
  const store = join(folder, 'a store')
  await mkdir(join(store, 'data'), { recursive: true })
  const lines = [
    'tracker_server = 127.0.0.1:22122',
    'listen = 0.0.0.0:8091',
    'listen = [::1]:8092',
    'group_name = group1',
    `store_path0 = ${store}`,
    `nginx_cache_path = ${folder}/cache`,
    'nginx_slice_size = 2MB',
    'http.anti_steal.check_token = true',
    'http.anti_steal.secret_key = hush',
  ]
  const conf = join(folder, 'edge.conf')
  await writeFile(conf, lines.join('\n'))
  const out = join(folder, 'out')
  for (let i = 0; i < 2; i++) {
    const { code, stdout, stderr } = await run(['nginx', '--conf', conf, '--out', out])
    assert.deepEqual([code, stderr], [0, ''])
    assert.match(stdout, /ngx_fastdfs_module\.conf/)
  }
  const read = (name: string) => readFile(join(out, name), 'utf8')
  assert.match(
    await read('edge-servers.conf'),
    /^(?:server 127\.0\.0\.1:8091 max_fails=0;\nserver \[::1\]:8092 max_fails=0;\n?){16}$/m,
  )
  assert.match(await read('ngx_fastdfs_module.conf'), /slice 2097152;/)
  assert.ok((await read('values.conf')).includes(`"${store}/data$dfs_data_group1_00"`))
  for (const name of await readdir(out)) {
    if (name === 'njs') continue
    const isSecret = name === 'secret.conf'
    const { mode } = await stat(join(out, name))
    assert.equal(mode & 0o777, isSecret ? 0o600 : 0o644, name)
    if (!isSecret) assert.ok(!(await read(name)).includes('hush'), name)
    assert.doesNotMatch(await read(name), /@[A-Z_]+@(?! in)/, name)
  }
  await assertGood(folder, out, { location: `include ${out}/ngx_fastdfs_module.conf;` })
})

test('dfs-edge nginx says what nginx cannot be told', async (t) => {
  const folder = await folderOf(t)
  const store = join(folder, 'a$store')
  await mkdir(join(store, 'data'), { recursive: true })
  const conf = join(folder, 'edge.conf')
  await writeFile(conf, `tracker_server = a\ngroup_name = group1\nstore_path0 = ${store}\n`)
  const { code, stderr } = await run(['nginx', '--conf', conf, '--out', join(folder, 'out')])
  assert.equal(code, 2)
  assert.match(stderr, /store path: .*a\$store/)
})
