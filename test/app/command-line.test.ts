import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { freePorts, run, startUp, type Up } from '../support/command-line.ts'
import { randomContent } from '../support/random-content.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const OFFLINE_ID = 'group1/M00/00/00/wKgeAlodCEGAXOuMB3o1rOpTQ-0771.zip'

describe('without a cluster', () => {
  test('info --offline reads the id alone', async () => {
    const { code, stdout } = await run(['fdfs', 'info', '--offline', '--json', OFFLINE_ID])
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(stdout), {
      group: 'group1',
      filename: 'M00/00/00/wKgeAlodCEGAXOuMB3o1rOpTQ-0771.zip',
      kind: 'normal',
      sourceIp: '192.168.30.2',
      sourceId: null,
      createTimestamp: 1511852097,
      size: 125449644,
      crc32: 3931325421,
    })
    const { stdout: text } = await run(['fdfs', 'info', '--offline', OFFLINE_ID])
    assert.match(text, /^source +192\.168\.30\.2$/m)
  })

  test('info --offline of a slave: what only a storage knows is null', async () => {
    const id = 'group1/M00/00/00/fwAAA2sDFtyAfFSdAAB4AIokZSM733_abc'
    const { stdout } = await run(['fdfs', 'info', '--offline', '--json', id])
    const { kind, size, crc32 } = JSON.parse(stdout)
    assert.deepEqual({ kind, size, crc32 }, { kind: 'slave', size: null, crc32: null })
  })

  test('token prints the query that the edge accepts, with the secret of its configuration', async (t) => {
    const conf = join(await temporaryFolder(t), 'edge.conf')
    const settings =
      'tracker_server = 127.0.0.1:22122\nhttp.anti_steal.secret_key = FastDFS1234567890\n'
    await writeFile(conf, settings)
    const text = 'M00/00/00/wKgeAlodCEGAXOuMB3o1rOpTQ-0771.zipFastDFS12345678901500000000'
    const md5 = createHash('md5').update(text).digest('hex')
    const wanted = { code: 0, stdout: `token=${md5}&ts=1500000000\n` }
    for (const secret of [
      ['--secret', 'FastDFS1234567890'],
      ['--conf', conf],
    ]) {
      const { code, stdout } = await run(['token', OFFLINE_ID, ...secret, '--ts', '1500000000'])
      assert.deepEqual({ code, stdout }, wanted)
    }
  })

  test('token says where it misses the secret', async () => {
    const { code, stderr } = await run(['token', OFFLINE_ID, '--conf', 'conf/edge.conf'])
    assert.equal(code, 2)
    assert.match(stderr, /conf\/edge\.conf sets no http\.anti_steal\.secret_key/)
  })

  test('check-conf names every fault with file and line', async (t) => {
    const path = join(await temporaryFolder(t), 'edge.conf')
    await writeFile(path, 'tracker_server = 127.0.0.1:22122\nhedge_ms = soon\nlissten = x:1\n')
    const { code, stdout } = await run(['check-conf', path])
    assert.equal(code, 1)
    assert.match(stdout, /edge\.conf:2: .*hedge_ms/)
    assert.match(stdout, /edge\.conf:3: .*listen/)
    const good = await run(['check-conf', 'conf/edge.conf'])
    assert.equal(good.code, 0, good.stdout)
  })

  for (const args of [
    ['fdfs', 'info', 'nonsense'],
    ['fdfs', 'nonsense'],
    ['token', OFFLINE_ID],
    ['token', OFFLINE_ID, '--secret', 'x', '--conf', 'conf/edge.conf'],
    ['token', OFFLINE_ID, '--secret', 'x', '--ts', 'soon'],
    ['fdfs', 'monitor', '--tracker', 'x:y:z'],
    ['serve', '--conf', '/does/not/exist.conf'],
  ]) {
    test(`exit code 2 and a message for: ${args.join(' ')}`, async () => {
      const { code, stderr, stdout } = await run(args)
      assert.equal(code, 2, stderr)
      assert.equal(stdout, '')
      assert.ok(stderr.length > 0)
      assert.doesNotMatch(stderr, /\n {4}at /, 'a stack trace')
    })
  }

  test('what is wrong with a command is told with the way to its own help', async () => {
    const { code, stderr } = await run(['mog', 'domain', 'add'])
    assert.equal(code, 2)
    assert.match(stderr, /'domain'\n\(dfs-edge mog domain add --help shows what there is\)\n$/)
  })

  test('a tracker that is not there: exit code 1 and one line', async () => {
    const { code, stderr } = await run(['fdfs', 'monitor', '--tracker', '127.0.0.1:1'])
    assert.equal(code, 1)
    assert.match(stderr, /^dfs-edge: .*127\.0\.0\.1:1 \(ECONNREFUSED\)\n$/)
  })

  test('--help and --version are done', async () => {
    assert.equal((await run(['--help'])).code, 0)
    assert.match((await run(['--version'])).stdout, /^[0-9]+\.[0-9]+\.[0-9]+\n$/)
  })
})

describe('with a cluster', () => {
  let up: Up
  let folder: string
  const folders: (() => unknown)[] = []
  const fdfs = (...args: string[]) => run(['fdfs', ...args, '--tracker', up.tracker])
  const idOf = ({ stdout }: { stdout: string }): string => stdout.trim()

  before(async () => {
    folder = await temporaryFolder({ after: (fn) => folders.push(fn) })
    up = await startUp(join(folder, 'data'), await freePorts())
  })
  after(async () => {
    await up.stop()
    for (const remove of folders) await remove()
  })

  async function file(name: string, content: Buffer): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, content)
    return path
  }

  test('upload, info, download and delete a file', async () => {
    const content = randomContent(2_000_000)
    const uploaded = await fdfs('upload', await file('photo.jpg', content))
    assert.equal(uploaded.code, 0, uploaded.stderr)
    const id = idOf(uploaded)
    assert.match(id, /^group1\/M00\/[0-9A-F]{2}\/[0-9A-F]{2}\/.{30}\.jpg$/)
    const info = JSON.parse((await fdfs('info', id, '--json')).stdout)
    assert.deepEqual([info.kind, info.size], ['normal', content.length])
    const target = join(folder, 'again.jpg')
    assert.equal((await fdfs('download', id, target)).code, 0)
    assert.ok((await readFile(target)).equals(content))
    assert.equal((await fetch(up.url + id)).status, 200)
    assert.equal((await fdfs('delete', id)).code, 0)
    const again = await fdfs('delete', id)
    assert.equal(again.code, 1)
    assert.match(again.stderr, /is not there/)
    assert.equal((await fdfs('download', id, join(folder, 'gone'))).code, 1)
    await assert.rejects(readFile(join(folder, 'gone')))
  })

  test('an appender grows; a normal file refuses', async () => {
    const id = idOf(await fdfs('upload', await file('a.log', Buffer.from('one ')), '--appender'))
    assert.equal((await fdfs('append', id, await file('b.log', Buffer.from('two')))).code, 0)
    assert.equal(await (await fetch(up.url + id)).text(), 'one two')
    const info = JSON.parse((await fdfs('info', id, '--json')).stdout)
    assert.deepEqual([info.kind, info.size], ['appender', 7])
    const normal = idOf(await fdfs('upload', await file('n.txt', Buffer.from('fixed'))))
    const refused = await fdfs('append', normal, await file('b.log', Buffer.from('two')))
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /not an appender/)
  })

  test('a slave lies beside its master', async () => {
    const master = idOf(await fdfs('upload', await file('m.jpg', randomContent(5000))))
    const thumbnail = await file('t.jpg', randomContent(900, 2))
    const id = idOf(await fdfs('slave', master, thumbnail, '--prefix', '_150x150'))
    assert.equal(id, master.replace('.jpg', '_150x150.jpg'))
    const body = Buffer.from(await (await fetch(up.url + id)).arrayBuffer())
    assert.ok(body.equals(randomContent(900, 2)))
    assert.equal((await fdfs('slave', master, thumbnail, '--prefix', '_150x150')).code, 1)
  })

  test('metadata is set, merged and replaced', async () => {
    const id = idOf(await fdfs('upload', await file('m.txt', Buffer.from('x')), '--ext', 'txt'))
    await fdfs('metadata', id, '--set', 'width=1024', '--set', 'name=a=b')
    await fdfs('metadata', id, '--set', 'height=768')
    const merged = JSON.parse((await fdfs('metadata', id, '--json')).stdout)
    assert.deepEqual(merged, { height: '768', name: 'a=b', width: '1024' })
    await fdfs('metadata', id, '--set', 'only=this', '--replace')
    const replaced = JSON.parse((await fdfs('metadata', id, '--json')).stdout)
    assert.deepEqual(replaced, { only: 'this' })
    assert.equal((await fetch(`${up.url}${id}-m`)).status, 404)
  })

  test('monitor lists groups and storages', async () => {
    const { groups } = JSON.parse((await fdfs('monitor', '--json')).stdout)
    assert.deepEqual([groups[0].groupName, groups[0].storages[0].statusName], ['group1', 'ACTIVE'])
    assert.match((await fdfs('monitor')).stdout, /^group1: .*\n.*\n127\.0\.0\.1:[0-9]+ +ACTIVE/m)
  })

  test('an extension is what FastDFS keeps of one', async () => {
    for (const [name, pattern] of [
      ['x.tar.gz', /\.tar\.gz$/],
      ['x.JPG', /\.JPG$/],
      ['x.toolong', /\/[^./]{34}$/],
      ['noext', /\/[^./]{34}$/],
    ] as const) {
      assert.match(idOf(await fdfs('upload', await file(name, Buffer.from(name)))), pattern)
    }
  })

  test('serve reads a configuration and stops on SIGTERM', async () => {
    const conf = await file('edge.conf', Buffer.from(`tracker_server = ${up.tracker}\n`))
    assert.equal((await run(['check-conf', conf])).code, 0)
    assert.equal((await fdfs('monitor', '--conf', conf)).code, 0)
  })
})
