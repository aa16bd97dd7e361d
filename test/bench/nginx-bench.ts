// nginx with the includes beside bare nginx; run alone it prints its tables.
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultEdgeConf, type EdgeConf } from '../../src/config/index.ts'
import type { FileName } from '../../src/wire/fastdfs/tracker-messages.ts'
import { createToken } from '../../src/wire/token.ts'
import { Child } from '../support/child.ts'
import { writeIncludes } from '../support/nginx.ts'
import { pathOf, putFiles, type Store } from './fastdfs-files.ts'
import { MB, type Measured, withoutObjectCache } from './measure.ts'
import { contend, printContest } from './nginx-contenders.ts'

const SMALL = { size: 30 * 1024, count: 200 }
const LARGE = { size: Number(process.env['BENCH_LARGE_MB'] ?? 256) * MB, count: 1 }
const SECRET = 'a secret'
const OPEN_FILE_CACHE = 'open_file_cache max=20000 inactive=60s; open_file_cache_valid 10s;'
const SENDFILE = 'sendfile on; tcp_nopush on;'

/** @param folder that every user can read */
export async function benchNginx(
  store: Store,
  small: readonly FileName[],
  folder: string,
): Promise<void> {
  const edge = await Child.start<{ url: string }>(
    new URL('edge-process.ts', import.meta.url),
    edgeConf(store),
  )
  try {
    const port = Number(new URL(edge.ready.url).port)
    const site = { store, folder, edgeUrl: edge.ready.url, port }
    printContest('nginx, 30 KB from a store path', await storePath(site, small))
    printContest('nginx, 30 KB from its cache', await cachedFiles(site, small))
    printContest('nginx and edge, 30 KB from the storage', await misses(site, small))
    const large = await putFiles(store, LARGE)
    const title = `nginx, ${LARGE.size / MB} MB, 4 connections`
    printContest(title, await cachedVideos(site, large))
    printContest('nginx, a short answer', await tokens(site, small))
  } finally {
    await edge.stop()
  }
}

interface Site {
  readonly store: Store
  readonly folder: string
  readonly edgeUrl: string
  readonly port: number
}

function edgeConf({ tracker }: Store): EdgeConf {
  const conf = defaultEdgeConf()
  const listen = [{ host: '127.0.0.1', port: 0 }]
  return { ...conf, listen, trackerServers: [[tracker]], ...withoutObjectCache(conf) }
}

async function includes(
  site: Site,
  name: string,
  change: Partial<EdgeConf> = {},
): Promise<{ dir: string; folder: string; http: string }> {
  const folder = join(site.folder, name)
  const base = defaultEdgeConf()
  const nginx = { ...base.nginx, cachePath: join(folder, 'cache') }
  const listen = [{ host: '127.0.0.1', port: site.port }]
  const dir = await writeIncludes({ ...base, listen, nginx, ...change }, `${folder}-includes`)
  return { dir, folder, http: `include ${dir}/http.conf;` }
}

function storePathConf({ store }: Site): Partial<EdgeConf> {
  const group = { groupName: 'group1', storageServerPort: store.storage.port }
  return {
    localGroups: [{ ...group, storePaths: [store.storePath] }],
    antiSteal: { ...defaultEdgeConf().antiSteal, secretKey: SECRET },
  }
}

async function storePath(site: Site, files: readonly FileName[]): Promise<Measured[]> {
  const { dir, ...contest } = await includes(site, 'store-path', storePathConf(site))
  const root = `root ${site.store.storePath}/data; ${SENDFILE}`
  const module = `include ${dir}/ngx_fastdfs_module.conf;`
  const bare = files.map(({ filename }) => filename.replace(/^M00/, ''))
  const paths = files.map(pathOf)
  return contend(
    [
      { name: 'bare, open_file_cache', server: `${root} ${OPEN_FILE_CACHE}`, paths: bare },
      { name: 'bare, without it', server: root, paths: bare },
      { name: 'include', server: `location /group1/M00 { ${module} }`, paths },
      {
        name: 'include, tokens checked',
        server: `location /group1/M00 { include ${dir}/token_check.conf; ${module} }`,
        paths: files.map((file) => `${pathOf(file)}?${queryOf(file)}`),
      },
    ],
    contest,
  )
}

function queryOf({ filename }: FileName): string {
  const ts = `${Math.floor(Date.now() / 1000)}`
  return `token=${createToken(filename, ts, SECRET)}&ts=${ts}`
}

/** What nginx does by itself with a cache of its own. */
const BARE_CACHE = `proxy_cache bare; proxy_cache_valid 200 1h; proxy_http_version 1.1;
proxy_set_header Connection ""; proxy_pass http://dfs_edge;`
const bareZone = (folder: string): string =>
  `proxy_cache_path ${folder}/bare levels=1:2 keys_zone=bare:16m use_temp_path=off;`

async function cachedFiles(site: Site, files: readonly FileName[]): Promise<Measured[]> {
  const { dir, http, ...contest } = await includes(site, 'cached')
  return contend(
    [
      { name: 'bare proxy_cache', server: `location / { ${SENDFILE} ${BARE_CACHE} }` },
      {
        name: 'include',
        server: `location /group1/ { include ${dir}/ngx_fastdfs_module.conf; }`,
      },
    ].map((contender) => ({ ...contender, paths: files.map(pathOf) })),
    { ...contest, http: `${http}\n${bareZone(contest.folder)}` },
  )
}

/** Every request is one: what is cached is asked for and written anew. */
async function misses(site: Site, files: readonly FileName[]): Promise<Measured[]> {
  const { dir, http, ...contest } = await includes(site, 'misses')
  const module = `include ${dir}/ngx_fastdfs_module.conf;`
  return contend(
    [
      { name: 'bare proxy_cache', server: `location / { proxy_cache_bypass 1; ${BARE_CACHE} }` },
      { name: 'include', server: `location /group1/ { proxy_cache_bypass 1; ${module} }` },
    ].map((contender) => ({ ...contender, paths: files.map(pathOf) })),
    { ...contest, http: `${http}\n${bareZone(contest.folder)}` },
  )
}

async function cachedVideos(site: Site, files: readonly FileName[]): Promise<Measured[]> {
  const { dir, http, ...contest } = await includes(site, 'video')
  const module = `include ${dir}/ngx_fastdfs_module.conf;`
  const paths = files.map(pathOf)
  return contend(
    [
      {
        name: 'bare sendfile',
        server: `root ${site.store.storePath}/data; ${SENDFILE} ${OPEN_FILE_CACHE}`,
        paths: files.map(({ filename }) => filename.replace(/^M00/, '')),
      },
      {
        name: 'bare proxy_cache',
        server: `location / { ${SENDFILE} ${BARE_CACHE} }`,
        paths,
      },
      { name: 'include, cached', server: `location /group1/ { ${module} }`, paths },
    ],
    {
      ...contest,
      http: `${http}\n${bareZone(contest.folder)}`,
      connections: 4,
      fileBytes: LARGE.size,
    },
  )
}

async function tokens(site: Site, files: readonly FileName[]): Promise<Measured[]> {
  const { dir: _, ...contest } = await includes(site, 'tokens', storePathConf(site))
  const paths = files.map((file) => `${pathOf(file)}?${queryOf(file)}`)
  return contend(
    [
      { name: 'return 200', server: 'return 200 "ok$dfs_uri";', paths },
      {
        name: 'with a token checked',
        server: 'return 200 "ok$dfs_uri$dfs_token_fault";',
        paths,
      },
    ],
    contest,
  )
}

if (import.meta.main) {
  const folder = await mkdtemp(join(tmpdir(), 'dfs-edge-bench-'))
  // nginx's workers may be of another user.
  await chmod(folder, 0o755)
  const store = await Child.start<Store>(new URL('store-process.ts', import.meta.url), {
    dataDir: folder,
  })
  try {
    await benchNginx(store.ready, await putFiles(store.ready, SMALL), folder)
  } finally {
    await store.stop()
    await rm(folder, { recursive: true, force: true })
  }
}
