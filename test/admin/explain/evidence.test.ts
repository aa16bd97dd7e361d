import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import { headlineOf, sectionsOf } from '../../../src/admin/explain/sections.ts'
import { formatRef } from '../../../src/resolver/resolver.ts'
import { createToken } from '../../../src/wire/token.ts'
import { ExplainWorld, SECRET } from '../../support/explain-world.ts'
import { randomContent } from '../../support/random-content.ts'
import { closedPort } from '../../support/scripted-daemon.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const world = new ExplainWorld()

describe('what an explanation tells', () => {
  before(() => world.start())
  afterEach(() => world.heal())
  after(() => world.stop())

  it('addresses as registered and as mapped', async () => {
    const url = await world.uploadUrl('jpg')
    const [source] = world.fastdfs.store.storages
    assert.ok(source !== undefined)
    const inside = { ipAddr: '172.17.0.5', port: 23000 }
    world.fastdfs.store.tracker.faults = { lie: () => [inside] }
    const from = { host: inside.ipAddr }
    const mapped = world.conf({ addressMap: [{ from, to: source.address }] })
    const { verdict, replicas } = await world.explain({ url, conf: mapped })
    assert.equal(verdict.cause, 'served')
    const [replica] = replicas
    assert.equal(replica?.registered, '172.17.0.5:23000')
    assert.equal(replica?.address, `${source.address.host}:${source.address.port}`)
    const wrong = world.conf({ addressMap: [{ from, to: await closedPort() }] })
    const broken = await world.explain({ url, conf: wrong })
    assert.equal(broken.verdict.cause, 'storages_refuse')
    assert.match(broken.verdict.sentence, /\[address_map\] leads there from 172\.17\.0\.5:23000\.$/)
  })

  it('that storages disagree', async () => {
    const url = await world.uploadUrl('jpg')
    const [source, other] = world.fastdfs.store.storages
    if (source) source.faults = { missing: () => true }
    const deleted = await world.explain({ url })
    assert.equal(deleted.verdict.cause, 'served_despite')
    assert.match(
      deleted.notes.join(),
      /127\.0\.0\.2:\d+, which it was uploaded to, does not have it/,
    )
    if (source) source.faults = {}
    if (other) other.faults = { wrongLength: -10 }
    const cut = await world.explain({ url })
    assert.match(cut.notes.join(), /the copies differ in size/)
    assert.match(cut.notes.join(), /127\.0\.0\.3:\d+ has a file of the wrong size/)
  })

  it('a storage that has the file and gets no readers', async () => {
    const url = await world.uploadUrl('jpg')
    world.fastdfs.store.tracker.faults = { isBehind: true }
    const { replicas, notes } = await world.explain({ url })
    assert.deepEqual(
      replicas.map(({ isOffered }) => isOffered),
      [true, false],
    )
    assert.match(
      notes.join(),
      /127\.0\.0\.3:\d+ has the file, but no tracker sends readers there \(ACTIVE/,
    )
  })

  it('the time that is left of a token, the difference of the clocks, and never the secret', async () => {
    const ref = await world.upload('jpg')
    const ts = Math.floor(Date.now() / 1000) - 300
    const made = createToken(ref.filename, `${ts}`, SECRET)
    const url = `${formatRef(ref)}?token=${made}&ts=${ts}`
    const dateSeconds = Date.now() / 1000 + 3600
    const explanation = await world.explain({ url, conf: world.signedConf(), dateSeconds })
    assert.equal(explanation.verdict.cause, 'served')
    const { token: report } = explanation
    assert.equal(report.state, 'ok')
    assert.equal(report.expectedInput, `${ref.filename} + <secret> + ${ts}`)
    assert.ok(report.leftSeconds !== null && Math.abs(report.leftSeconds - 600) < 60)
    const pairs = sectionsOf(explanation).flatMap((section) => section.pairs)
    assert.ok(
      pairs.some(([name, value]) => name === 'clock' && /(?:59|60) min ahead of/.test(value)),
    )
    assert.doesNotMatch(JSON.stringify(explanation), new RegExp(SECRET))
    assert.match(headlineOf(explanation), /^200 served: \/group1\/M00\//)
  })

  it('the store path of this host, and why its file is not served', async () => {
    const ref = await world.upload('jpg')
    const storePath = await temporaryFolder(world)
    const localGroups = [{ groupName: 'group1', storageServerPort: 23000, storePaths: [storePath] }]
    const conf = world.conf({ localGroups })
    const troubleOf = async () =>
      (await world.explain({ url: formatRef(ref), conf })).localFile?.trouble
    assert.equal(await troubleOf(), 'it is not there')
    const file = join(storePath, 'data', ref.filename.slice(4))
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, 'cut')
    assert.equal(await troubleOf(), 'it has 3 bytes where the id says 5000')
    await writeFile(file, randomContent(5000))
    const served = await world.explain({ url: formatRef(ref), conf })
    assert.equal(served.localFile?.trouble, null)
    assert.deepEqual(served.answer?.order, [storePath])
    const other = { ...ref, filename: ref.filename.replace('M00', 'M01') }
    const missing = await world.explain({ url: formatRef(other), conf })
    assert.match(missing.localFile?.trouble ?? '', /no store_path1 in edge\.conf/)
  })

  it('the class, the length and the devices of a key', async () => {
    const url = await world.putUrl('class/of.jpg')
    const explanation = await world.explain({ url })
    const { file, lookups, replicas } = explanation
    assert.equal(file?.className, 'sums')
    assert.equal(file?.devcount, 2)
    assert.match(file?.checksum ?? '', /^MD5:[0-9a-f]{32}$/)
    assert.match(lookups[0]?.answer ?? '', /^fid \d+, 5000 bytes, dev[12], dev[12]$/)
    for (const { outcome, state } of replicas) {
      assert.ok(outcome.kind === 'has' && outcome.isChecksumRight)
      assert.match(state, /^host alive, dev[12] alive/)
    }
  })

  it('the domain that a host name stands for', async () => {
    await world.putUrl('of/host.jpg')
    const { mogilefs } = world.conf()
    const vhosts = { exact: new Map([['img.example.com', 'img']]), wildcards: new Map() }
    const conf = world.conf({ mogilefs: mogilefs && { ...mogilefs, vhosts } })
    const asking = { url: '/of/host.jpg', host: 'img.example.com:8080', conf }
    const { verdict, reading } = await world.explain(asking)
    assert.equal(verdict.cause, 'served')
    assert.equal(reading.vhostDomain, 'img')
    const elsewhere = await world.explain({ ...asking, host: 'www.example.com' })
    assert.equal(elsewhere.verdict.cause, 'unknown_domain')
  })
})
