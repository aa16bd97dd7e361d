import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { EmbeddedFastdfs, HostPort } from '../../src/embedded/embedded-fastdfs.ts'
import { parseFileId } from '../../src/wire/fastdfs/file-id.ts'
import { REGULAR_FILE, TRUNK_HEADER, trunkFilename } from '../../src/wire/fastdfs/trunk.ts'
import { randomContent } from '../support/random-content.ts'
import { startCluster, type TestContext } from './cluster-fixture.ts'

/** When the uploads and changes of the recording were made. */
const RECORDED_AT = 1_795_365_896
const CREATED_AT = 1_795_364_572

const TEXT = Buffer.from(
  Array.from({ length: 1000 }, (_, n) => `${`${n}`.padStart(6, '0')} line of text in this file\n`)
    .join('')
    .slice(0, 33_000),
)

interface RecordedFile {
  readonly filename: string
  readonly content: Buffer
  readonly modified?: number
}

function withBytes(size: number, at: number, hex: string): Buffer {
  const content = randomContent(size)
  content.set(Buffer.from(hex, 'hex'), at)
  return content
}

/** What the recording asks for; where only some of the bytes are known the others are any. */
const FILES: readonly RecordedFile[] = [
  { filename: 'M00/00/00/fwAAA2sDFtyAc7ZNAACA6FyQ32c257.txt', content: TEXT },
  { filename: 'M01/00/00/fwAAA2sDFtyAUzxNAAAAAAAAAAA634.bin', content: Buffer.alloc(0) },
  {
    filename: 'M00/00/00/fwAAA2sDFtyAYcJyAAB4AIokZSM648_120x80.jpg',
    content: withBytes(4004, 0, 'ffd8ffe01fe5f59a47ed018cdec101fc'),
  },
  {
    filename: 'M00/00/00/fwAAAmsDFtyEICL1AAAAAJsJB30132.bin',
    content: withBytes(114_400, 4990, '331cee015b42864a01cb1994922c22b239fe8995'),
  },
  { filename: 'M01/00/00/fwAAAmsDFt2AXlsJAAB4AIokZSM027.jpg', content: randomContent(30_720) },
  {
    filename: 'M01/00/00/fwAAAmsDFt2AXlsJAAB4AIokZSM027.jpg-m',
    content: Buffer.from(
      'author\x02Anna\x01height\x02480\x01title\x02A picture\x01width\x02640',
      'latin1',
    ),
  },
  { filename: 'M01/00/00/fwAAA2sDFtyAPMORAAB4AIokZSM321.jpg', content: randomContent(30_720) },
  {
    filename: 'M00/00/00/fwAAA2sDFtyAfFSdAAB4AIokZSM733_abc',
    content: randomContent(1800),
    modified: 1_795_364_725,
  },
  // The recording uploads these two itself; under our names they would not be found again.
  {
    filename: 'M00/00/00/fwAAAmsDHAaAIbshAAAABTYQpoY036.txt',
    content: Buffer.from('hello'),
    modified: RECORDED_AT,
  },
  {
    filename: 'M00/00/00/fwAAAmsDHAeEPshuAAAAACswJPE718.log',
    content: Buffer.from('part one,'),
    modified: RECORDED_AT,
  },
]

const TRUNK_FILE = 'M00/00/00/fwAADGsDFt2IZyP-AAB1NPW4rdYAAAAAQAAFwAAAHYA128.jpg'
const TRUNK_CREATED_AT = 1_795_364_573

async function put(path: string, content: Buffer, modified: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, content)
  await utimes(path, modified, modified)
}

async function putTrunkFile(cluster: EmbeddedFastdfs): Promise<void> {
  const id = parseFileId({ groupName: 'group3', filename: TRUNK_FILE })
  const [storePath = ''] = cluster.storePaths('group3')
  if (id?.trunk == null) throw new Error('the recorded trunk file has no slot')
  const content = withBytes(30_004, 0, 'ffd8ffe0c481636b9b71b133188abae2')
  content.set(Buffer.from('e831a211', 'hex'), 30_000)
  const header = TRUNK_HEADER.encode({
    ...{ type: REGULAR_FILE, allocSize: id.trunk.allocSize, fileSize: content.length },
    ...{ crc32: id.crc32 ?? 0, modified: TRUNK_CREATED_AT, extName: 'jpg' },
  })
  const whole = Buffer.concat([Buffer.alloc(id.trunk.offset), header, content])
  await put(join(storePath, 'data', trunkFilename(id)), whole, TRUNK_CREATED_AT)
}

/** The three clusters of the recording, on the same addresses but free ports. */
export interface RecordedClusters {
  /** Where the daemon that was recorded as `127.0.0.2:23000` is here. */
  addressOf(recorded: string): HostPort
  readonly storagePorts: ReadonlyMap<string, number>
}

function storagesOn(...hosts: string[]): HostPort[] {
  return hosts.map((host) => ({ host, port: 0 }))
}

export async function startRecordedClusters(t: TestContext): Promise<RecordedClusters> {
  const now = () => RECORDED_AT * 1000
  const plain = await startCluster(t, {
    now,
    tracker: { host: '127.0.0.9', port: 0 },
    groups: [
      { groupName: 'group1', storages: storagesOn('127.0.0.2', '127.0.0.3'), storePathCount: 2 },
      { groupName: 'group2', storages: storagesOn('127.0.0.4') },
    ],
  })
  const trunk = await startCluster(t, {
    now,
    tracker: { host: '127.0.0.19', port: 0 },
    groups: [{ groupName: 'group3', storages: storagesOn('127.0.0.12') }],
  })
  const ids = await startCluster(t, {
    now,
    tracker: { host: '127.0.0.29', port: 0 },
    groups: [{ groupName: 'group4', storages: storagesOn('127.0.0.22', '127.0.0.23') }],
    addressWidth: 46,
    storageIds: true,
  })
  for (const { filename, content, modified = CREATED_AT } of FILES) {
    await put(plain.pathOf({ groupName: 'group1', filename }), content, modified)
  }
  await putTrunkFile(trunk)
  return addressBook([plain, trunk, ids])
}

function addressBook(clusters: readonly EmbeddedFastdfs[]): RecordedClusters {
  const daemons = clusters.flatMap(({ tracker, storages }) => [tracker, ...storages])
  const storages = clusters.flatMap((cluster) => cluster.storages)
  return {
    storagePorts: new Map(storages.map(({ address }) => [address.host, address.port])),
    addressOf(recorded) {
      const host = recorded.split(':')[0]
      const daemon = daemons.find(({ address }) => address.host === host)
      if (daemon === undefined) throw new Error(`nothing stands for ${recorded}`)
      return daemon.address
    },
  }
}
