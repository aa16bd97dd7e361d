import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  createFilename,
  createSlaveFilename,
  type FileId,
  type FileKind,
  formatFileId,
  type NewFilename,
  parseFileId,
  splitFileId,
} from '../../../src/wire/fastdfs/file-id.ts'
import type { FileName } from '../../../src/wire/fastdfs/tracker-messages.ts'
import { trunkFilename } from '../../../src/wire/fastdfs/trunk.ts'
import recorded from '../../fixtures/fastdfs-file-ids.json' with { type: 'json' }

type Recorded = (typeof recorded)[number]

function nameOf(fileId: string): FileName {
  const name = splitFileId(fileId)
  assert.ok(name)
  return name
}

function parse(fileId: string): FileId {
  const id = parseFileId(nameOf(fileId))
  assert.ok(id, `${fileId} was refused`)
  return id
}

/** The recorder's words begin with ours, but for files of clusters with storage ids. */
function kindOf({ kind }: Recorded): FileKind {
  const kinds: readonly FileKind[] = ['slave', 'appender', 'trunk']
  return kinds.find((known) => kind.startsWith(known)) ?? 'normal'
}

function sourceOf({ decoded }: Recorded): NewFilename['source'] {
  const { source_ip: ipAddr, source_id: id = 0 } = decoded
  return ipAddr === undefined ? { id } : { ipAddr }
}

function extensionOf(name: string): string {
  const dot = name.indexOf('.')
  return dot < 0 ? '' : name.slice(dot + 1)
}

describe('recorded file ids', () => {
  it('were read', () => assert.equal(recorded.length, 43))

  for (const file of recorded) {
    it(`${file.file_id} (${file.kind})`, () => {
      const { decoded } = file
      const id = parse(file.file_id)
      const kind = kindOf(file)
      const isKnown = kind === 'normal' || kind === 'trunk'
      assert.equal(formatFileId(id), file.file_id)
      assert.equal(id.kind, kind)
      assert.equal(id.groupName, decoded.group)
      assert.equal(id.storePathIndex, decoded.store_path_index)
      assert.ok(id.dataPath.startsWith(`${decoded.sub_high}/${decoded.sub_low}/`), id.dataPath)
      assert.equal(id.sourceIp, decoded.source_ip ?? null)
      assert.equal(id.sourceId, decoded.source_id ?? null)
      assert.equal(id.createTimestamp, decoded.create_timestamp)
      // What the id says must be true of the content, too.
      assert.equal(id.size, isKnown ? file.size : null)
      assert.equal(id.crc32, isKnown ? file.crc32 : null)
      if (isKnown) assert.equal(decoded.size, file.size)
    })
  }

  it('lie on the disk where their ids say', () => {
    const files = recorded.flatMap((file) =>
      file.on_disk.map((copy) => ({ id: parse(file.file_id), path: copy.path })),
    )
    assert.ok(files.length > 60)
    for (const { id, path } of files) {
      const place = id.kind === 'trunk' ? trunkFilename(id) : id.dataPath
      assert.equal(path, `path${id.storePathIndex}/data/${place}`)
    }
  })

  for (const { file_id, decoded } of recorded.filter((file) => kindOf(file) === 'trunk')) {
    it(`${file_id} names its slot in a trunk file`, () => {
      const { trunk } = parse(file_id)
      assert.deepEqual(trunk, {
        id: decoded.trunk?.id,
        offset: decoded.trunk?.offset,
        allocSize: decoded.trunk?.alloc_size,
      })
    })
  }

  const made = recorded.filter((file) => ['normal', 'appender'].includes(kindOf(file)))
  for (const file of made) {
    const { file_id, decoded } = file
    it(`${file_id} is made again from its facts`, () => {
      const { filename } = nameOf(file_id)
      const id = parse(file_id)
      const again = createFilename({
        storePathIndex: decoded.store_path_index,
        subdirs: `${decoded.sub_high}/${decoded.sub_low}`,
        source: sourceOf(file),
        createTimestamp: decoded.create_timestamp,
        size: id.size ?? 0,
        crc32: decoded.crc32,
        isAppender: id.kind === 'appender',
        extName: extensionOf(decoded.after),
        random: [
          Number.parseInt(decoded.flags.random_bits_32_54, 16),
          Number.parseInt(decoded.after, 10) || 0,
        ],
      })
      assert.equal(again, filename)
    })
  }

  const slaves = recorded.filter(({ master }) => master !== undefined)
  for (const { file_id, master, prefix } of slaves) {
    it(`${file_id} is made from its master's`, () => {
      const { filename } = nameOf(file_id)
      const extName = extensionOf(filename)
      assert.equal(createSlaveFilename(nameOf(master ?? ''), prefix ?? '', extName), filename)
    })
  }
})
