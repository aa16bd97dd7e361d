import assert from 'node:assert/strict'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import pino from 'pino'
import { startEdge } from '../../src/app/wiring.ts'
import { formatAddress } from '../../src/client/address.ts'
import { readEdgeConf } from '../../src/config/index.ts'
import { formatRef } from '../../src/resolver/resolver.ts'
import { createToken } from '../../src/wire/token.ts'
import { run } from '../support/command-line.ts'
import { ExplainWorld, SECRET } from '../support/explain-world.ts'
import { closedPort } from '../support/scripted-daemon.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const world = new ExplainWorld()

/** The set-up that operators of fastdfs-nginx-module have, and a MogileFS beside it. */
async function writeConf(change: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await temporaryFolder(world)
  const { fastdfs, mogilefs } = world
  const settings = {
    tracker_server: formatAddress(fastdfs.store.tracker.address),
    url_have_group_name: 'true',
    group_name: 'group1',
    // Of this host's own storage, which has none of these files.
    store_path0: folder,
    trackers: mogilefs.store.trackers.map(({ address }) => formatAddress(address)).join(','),
    ...change,
  }
  const path = join(folder, 'edge.conf')
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`)
  await writeFile(path, lines.join(''))
  return path
}

const TOKENS = {
  'http.anti_steal.check_token': 'true',
  'http.anti_steal.token_ttl': '900',
  'http.anti_steal.secret_key': SECRET,
}

interface Broken {
  readonly conf: string
  readonly url: string
  readonly status: number
  /** All of what the operator is told in the end. */
  readonly sentence: string
}

function storages(): readonly string[] {
  return world.fastdfs.store.storages.map(({ address }) => formatAddress(address))
}

const BROKEN: Readonly<Record<string, () => Promise<Broken>>> = {
  async 'an id that a column was too short for'() {
    return {
      conf: await writeConf(),
      url: '/group1/M00/00/00/wKgeAlodCEGAXOuMB3o1',
      status: 400,
      sentence:
        'The id was cut: its name "wKgeAlodCEGAXOuMB3o1" has 20 characters, and FastDFS writes at least 27 and an extension; look for the column or the field that shortens it.',
    }
  },

  async 'a token over the id with its group'() {
    const { filename, ...ref } = await world.upload('jpg')
    const ts = `${Math.floor(Date.now() / 1000)}`
    const made = createToken(`group1/${filename}`, ts, SECRET)
    return {
      conf: await writeConf(TOKENS),
      url: `${formatRef({ ...ref, filename })}?token=${made}&ts=${ts}`,
      status: 403,
      sentence: `The token was made over "group1/${filename}", with the group: FastDFS wants it over "${filename}" alone, so leave "group1/" out of what is signed.`,
    }
  },

  async 'a token with the time of a clock in Shanghai, taken for UTC'() {
    const { filename, ...ref } = await world.upload('jpg')
    const ts = `${Math.floor(Date.now() / 1000) - 8 * 3600}`
    const made = createToken(filename, ts, SECRET)
    return {
      conf: await writeConf(TOKENS),
      url: `${formatRef({ ...ref, filename })}?token=${made}&ts=${ts}`,
      status: 403,
      sentence:
        'The token is right but its ts is 8 hours old almost to the minute, which is a time zone: the application must sign unix time in UTC (what `date +%s` prints), not local time.',
    }
  },

  async 'a URL without its group'() {
    const { filename } = await world.upload('jpg')
    return {
      conf: await writeConf(),
      url: `/${filename}`,
      status: 404,
      sentence: `The URL has no group in front of M00, and url_have_group_name is true: write /GROUP/${filename}, or set url_have_group_name = false and group_name.`,
    }
  },

  async 'a misspelt domain'() {
    return {
      conf: await writeConf(),
      url: '/imgs/buyer/42.jpg',
      status: 404,
      sentence:
        'MogileFS has no domain "imgs" (did you mean "img"?): the domains are img, video; correct the link, give this host a domain in [vhost], or make it with `mogadm domain add imgs`.',
    }
  },

  async 'storages that registered an address which only their containers have'() {
    const url = await world.uploadUrl('jpg')
    const address = { ipAddr: '255.255.255.255', port: 23000 }
    world.fastdfs.store.tracker.faults = { lie: () => [address] }
    return {
      conf: await writeConf(),
      url,
      status: 502,
      sentence:
        'This host has no way to 255.255.255.255:23000, the address that fdfs_storaged registered, as one inside a container or behind NAT does: map it in edge.conf to one that can be reached, [address_map] 255.255.255.255:23000 = REACHABLE:PORT.',
    }
  },

  async 'a file that was cut on the only storage that has it'() {
    const ref = await world.upload('jpg')
    await truncate(world.fastdfs.store.pathOf(ref), 100)
    world.fastdfs.store.tracker.faults = { lie: (servers) => servers.slice(0, 1) }
    return {
      conf: await writeConf(),
      url: formatRef(ref),
      status: 502,
      sentence: `The file is damaged: there are 100 bytes on ${storages()[0]} where 5000 were uploaded, and no good copy is left; restore it from a backup or upload it again (a full disk cuts files: look with \`df\`).`,
    }
  },

  async 'a fresh file whose storage went down before it was copied'() {
    const url = await world.uploadUrl('jpg')
    const { port } = await closedPort()
    const [source, other] = world.fastdfs.store.storages
    if (other) other.faults = { missing: () => true }
    const down = { ipAddr: source?.address.host ?? '', port }
    world.fastdfs.store.tracker.faults = { lie: (servers) => [down, ...servers.slice(1)] }
    const at = `${down.ipAddr}:${port}`
    return {
      conf: await writeConf(),
      url,
      status: 502,
      sentence: `There is no copy on ${storages()[1]} yet, or none any more, and ${at}, which the file was uploaded to, is down (connection refused): bring fdfs_storaged on ${at} up; if the file is there, the copying goes on by itself.`,
    }
  },

  async 'tracker_server with the wrong port'() {
    const wrong = formatAddress(await closedPort())
    return {
      conf: await writeConf({ tracker_server: wrong }),
      url: await world.uploadUrl('jpg'),
      status: 503,
      sentence: `Nobody listens on ${wrong}, which tracker_server names: start fdfs_trackerd there (\`systemctl status fdfs_trackerd\`), or correct tracker_server.`,
    }
  },

  async 'storages that hang'() {
    const url = await world.uploadUrl('jpg')
    for (const storage of world.fastdfs.store.storages) storage.faults = { hang: true }
    return {
      conf: await writeConf({ first_answer_ms: '1000' }),
      url,
      status: 504,
      sentence: `Nothing comes in time from ${storages().join(' and ')}, though connections are taken: fdfs_storaged hangs there, or its disk does; look with \`iostat -x\` and restart fdfs_storaged.`,
    }
  },
}

/** What an edge that runs with that file answers. */
async function statusOf({ conf: path, url }: Broken): Promise<number> {
  const { conf, faults } = readEdgeConf(path)
  assert.ok(conf !== undefined, JSON.stringify(faults))
  const listen = [{ host: '127.0.0.1', port: 0 }]
  const edge = await startEdge({ ...conf, listen }, { logger: pino({ level: 'silent' }) })
  try {
    return (await fetch(new URL(url, edge.urls[0]))).status
  } finally {
    await edge.close(0)
  }
}

describe('dfs-edge explain', () => {
  before(() => world.start())
  afterEach(() => world.heal())
  after(() => world.stop())

  for (const [what, make] of Object.entries(BROKEN)) {
    test(`tells why the edge refuses ${what}`, async () => {
      const broken = await make()
      assert.equal(await statusOf(broken), broken.status)
      const { code, stdout, stderr } = await run(['explain', broken.url, '--conf', broken.conf])
      assert.equal(stderr, '')
      assert.equal(stdout.trimEnd().split('\n').at(-1), broken.sentence)
      assert.ok(stdout.startsWith(`${broken.status} `), stdout)
      assert.doesNotMatch(stdout, new RegExp(SECRET))
      assert.equal(code, 1)
    })
  }

  test('says what a client gets where all is well', async () => {
    const url = await world.uploadUrl('jpg')
    const { code, stdout } = await run(['explain', url, '--conf', await writeConf()])
    assert.match(stdout, /^200 served: /)
    const end =
      /\nAll is well: a client gets 5000 bytes of image\/jpeg, first from 127\.0\.0\.[23]:\d+\.\n$/
    assert.match(stdout, end)
    assert.match(stdout, /^ {2}nginx cache +nothing in /m)
    assert.match(stdout, /^ {2}store path +\/tmp\/.*: it is not there$/m)
    assert.equal(code, 0)
  })

  test('works with trackers alone, and prints an object', async () => {
    const url = await world.putUrl('buyer/7.jpg')
    const [tracker] = world.mogilefs.store.trackers
    const address = formatAddress(tracker?.address ?? { host: '', port: 0 })
    const { code, stdout } = await run(['explain', url, '--mogile-tracker', address, '--json'])
    const { verdict, reading, file, replicas } = JSON.parse(stdout)
    assert.equal(verdict.cause, 'served')
    assert.deepEqual(reading.ref, { system: 'mogilefs', domain: 'img', key: 'buyer/7.jpg' })
    assert.equal(file.length, 5000)
    assert.equal(file.className, 'sums')
    assert.equal(replicas.length, 2)
    assert.ok(replicas.every((one: { outcome: object }) => 'isChecksumRight' in one.outcome))
    assert.equal(code, 0)
  })

  test('shows control characters of a key, and does not send them to the terminal', async () => {
    const { stdout } = await run(['explain', '/img/%1B%5B2Ja', '--conf', await writeConf()])
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what must not be there
    assert.doesNotMatch(stdout, /\x1b/)
    assert.match(stdout, /the control character %1B/)
  })

  for (const args of [['--date', 'yesterday'], ['--conf', '/does/not/exist.conf'], []]) {
    test(`exit code 2 for: explain ${args.join(' ')}`, async () => {
      const { code, stderr } = await run(['explain', ...(args.length === 0 ? [] : ['/a', ...args])])
      assert.equal(code, 2)
      assert.ok(stderr.length > 0)
    })
  }
})
