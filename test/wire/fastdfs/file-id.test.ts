import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  createFilename,
  createSlaveFilename,
  type FileId,
  formatFileId,
  isGroupName,
  isMetadataName,
  parseFileId,
  splitFileId,
} from '../../../src/wire/fastdfs/file-id.ts'
import { hex } from '../../support/hex.ts'

const BASE64 = 'fwAAA2sDFtyAHc0-AAAIAIYy60I'
const FILENAME = `M00/00/00/${BASE64}718.png`

function parse(filename: string, groupName = 'group1'): FileId | undefined {
  return parseFileId({ groupName, filename })
}

function parsed(filename: string): FileId {
  const id = parse(filename)
  assert.ok(id, `${filename} was refused`)
  return id
}

/** A filename whose 20 bytes are given as hex. */
function filenameOf(bytes: string, suffix: string): string {
  return `M00/00/00/${hex(bytes).toString('base64url')}${suffix}`
}

describe('parseFileId', () => {
  it('reads all that an id says', () => {
    assert.deepEqual(parsed('M00/02/B3/wKgeAlodCEGAXOuMB3o1rOpTQ-0771.zip'), {
      groupName: 'group1',
      filename: 'M00/02/B3/wKgeAlodCEGAXOuMB3o1rOpTQ-0771.zip',
      kind: 'normal',
      storePathIndex: 0,
      dataPath: '02/B3/wKgeAlodCEGAXOuMB3o1rOpTQ-0771.zip',
      sourceIp: '192.168.30.2',
      sourceId: null,
      createTimestamp: 1_511_852_097,
      size: 125_449_644,
      crc32: 0xea53_43ed,
      trunk: null,
    })
  })

  it('takes the last character of the base64 part in its four spellings', () => {
    const { filename: _, dataPath: __, ...facts } = parsed(FILENAME)
    for (const last of ['I', 'J', 'K', 'L']) {
      const spelling = FILENAME.replace('60I718', `60${last}718`)
      const { filename, dataPath, ...others } = parsed(spelling)
      assert.deepEqual(others, facts)
      assert.equal(filename, spelling)
      assert.equal(`M00/${dataPath}`, spelling)
    }
    assert.notEqual(parsed(FILENAME.replace('60I718', '60M718')).crc32, facts.crc32)
  })

  it('reads the size of a file of 4 GiB and more', () => {
    const big = parsed(
      filenameOf(
        `
        7f 00 00 03              # source: 127.0.0.3
        6b 03 16 dc              # created: 1795364572
        00 00 00 01 40 00 00 07  # size: 5 GiB and 7, as it is
        86 32 eb 42              # crc32
        `,
        '718.mp4',
      ),
    )
    assert.equal(big.kind, 'normal')
    assert.equal(big.size, 5 * 2 ** 30 + 7)
    assert.equal(big.crc32, 0x8632_eb42)
  })

  it('reads the size of 4 GiB less a byte, behind random bits', () => {
    const bytes = '7f 00 00 03  6b 03 16 dc  80 7f ff ff ff ff ff ff  86 32 eb 42'
    assert.equal(parsed(filenameOf(bytes, '718.mp4')).size, 2 ** 32 - 1)
  })

  it('knows no size where the number is none', () => {
    const bytes = '7f 00 00 03  6b 03 16 dc  00 20 00 00 00 00 00 00  86 32 eb 42'
    const { size, crc32 } = parsed(filenameOf(bytes, '718.mp4'))
    assert.deepEqual({ size, crc32 }, { size: null, crc32: null })
  })

  it('takes a name without a store path for one of the first', () => {
    const id = parsed(`0A/FF/${BASE64}718.png`)
    assert.equal(id.storePathIndex, 0)
    assert.equal(id.dataPath, `0A/FF/${BASE64}718.png`)
    assert.equal(id.size, 2048)
  })

  it('reads the index of a store path as hex of either case', () => {
    assert.equal(parsed(FILENAME.replace('M00', 'M0a')).storePathIndex, 10)
    assert.equal(parsed(FILENAME.replace('M00', 'MFF')).storePathIndex, 255)
  })

  it('takes a source below 2^24 for an id, so that an address x.y.z.0 cannot be told', () => {
    const withSource = (source: string) =>
      parsed(filenameOf(`${source} 6b 03 16 dc 80 00 00 00 00 00 00 01 00 00 00 00`, '718.png'))
    assert.equal(withSource('a2 86 01 00').sourceId, 100_002)
    assert.equal(withSource('a2 86 01 00').sourceIp, null)
    assert.equal(withSource('ff ff ff 00').sourceId, 2 ** 24 - 1)
    assert.equal(withSource('00 00 00 01').sourceIp, '0.0.0.1')
    assert.equal(withSource('00 00 00 00').sourceIp, '0.0.0.0')
  })
})

describe('the kind of a file', () => {
  const APPENDER = 'fwAAAmsDFtyERELbAAAAAJsJB30'
  const TRUNK = 'fwAADGsDFt2Ie8U7AAAIAIYy60IAAAAAQASEwAAAAkA'

  const kinds: readonly (readonly [string, string, string])[] = [
    ['normal', BASE64, '718.png'],
    ['normal', BASE64, '9150307'],
    ['normal', BASE64, '.tar.gz'],
    ['normal', BASE64, '64.html'],
    ['slave', BASE64, '718_big.png'],
    // 44 characters in all, where upstream sees a normal file
    ['slave', BASE64, '733_abc'],
    // 42 characters, where upstream sees no file at all
    ['slave', BASE64, '648_x'],
    ['slave', BASE64, ''],
    ['slave', BASE64, '71x.png'],
    ['slave', BASE64, '71..png'],
    ['slave', BASE64, '12345..'],
    ['slave', BASE64, '7180.png'],
    // seven characters, but more bytes than a storage ever gives
    ['slave', BASE64, '718.épn'],
    ['slave', BASE64, '718.p\u{1f600}'],
    ['slave', BASE64, '718.p n'],
    ['appender', APPENDER, '478.bin'],
    ['slave', APPENDER, '478_s.bin'],
    ['trunk', TRUNK, '350.png'],
    ['trunk', TRUNK, '8229611'],
    ['slave', TRUNK, '350_s.jpg'],
    ['slave', TRUNK, ''],
    // a tail that is no base64
    ['slave', TRUNK.replace('ASE', 'A.E'), '350.png'],
  ]

  for (const [kind, encoded, suffix] of kinds) {
    it(`is ${kind} for ${encoded}${suffix}`, () => {
      const id = parsed(`M00/00/00/${encoded}${suffix}`)
      assert.equal(id.kind, kind)
      const isKnown = kind === 'normal' || kind === 'trunk'
      assert.equal(id.size !== null, isKnown)
      assert.equal(id.crc32 !== null, isKnown)
      assert.equal(id.trunk !== null, kind === 'trunk')
    })
  }
})

describe('a hostile id', () => {
  const refused: readonly (readonly [string, string])[] = [
    ['nothing', ''],
    ['a slash', '/'],
    ['no name', 'M00/00/00/'],
    ['a short name', 'M00/00/00/abc.jpg'],
    ['a leading slash', `/${FILENAME}`],
    ['a doubled slash', FILENAME.replace('M00/', 'M00//')],
    ['a further folder', `${FILENAME}/x`],
    ['a further folder in its suffix', `M00/00/00/${BASE64}/../../718.png`],
    ['traversal', `M00/00/../${BASE64}718.png`],
    ['traversal at its front', `../${FILENAME}`],
    ['traversal at its end', `${FILENAME}/..`],
    ['a backslash', `M00/00/00/${BASE64}\\718.png`],
    ['a folder of lower-case hex', FILENAME.replace('/00/00/', '/0a/00/')],
    ['a folder that is no hex', FILENAME.replace('/00/00/', '/0G/00/')],
    ['a folder of three digits', FILENAME.replace('/00/00/', '/000/00/')],
    ['a store path that is no hex', FILENAME.replace('M00', 'M0x')],
    ['a store path of three digits', FILENAME.replace('M00', 'M000')],
    ['a store path of another letter', FILENAME.replace('M00', 'm00')],
    ['base64 of the other alphabet', FILENAME.replace('-', '+')],
    ['padding', FILENAME.replace('fwAAA', 'fwA.A')],
    ['a NUL', `${FILENAME}\0`],
    ['a NUL before its extension', FILENAME.replace('.png', '\0.png')],
    ['a line feed', `${FILENAME}\n`],
    ['a line feed at its front', `\n${FILENAME}`],
    ['a carriage return', FILENAME.replace('.png', '\r\nX: y')],
    ['a DEL', FILENAME.replace('.png', '\x7f.png')],
    ['a C1 control', FILENAME.replace('.png', '\x85.png')],
    ['a percent-encoded slash', FILENAME.replace('/00/00/', '%2F00/00/')],
    ['128 bytes', FILENAME.padEnd(128, 'x')],
    ['128 bytes in fewer characters', FILENAME.padEnd(86, 'é')],
    ['a megabyte', FILENAME.padEnd(2 ** 20, 'x')],
    ['letters of another width', FILENAME.replace('M00', 'Ｍ00')],
    ['digits of another script', FILENAME.replace('/00/', '/٠٠/')],
  ]

  for (const [what, filename] of refused) {
    it(`with ${what} is none`, () => assert.equal(parse(filename), undefined))
  }

  it('may have 127 bytes', () => {
    assert.equal(parsed(FILENAME.padEnd(127, 'x')).kind, 'slave')
  })

  it('has a group that no cluster can have', () => {
    for (const groupName of ['', '.', '..', 'a b', 'a/b', 'g\0', 'group1\n', 'ä', 'a'.repeat(17)]) {
      assert.equal(parse(FILENAME, groupName), undefined, JSON.stringify(groupName))
      assert.equal(isGroupName(groupName), false)
    }
    for (const groupName of ['g', 'group1', 'img-01_a.b', 'a'.repeat(16)]) {
      assert.equal(parse(FILENAME, groupName)?.groupName, groupName)
    }
  })
})

describe('splitFileId and formatFileId', () => {
  it('take apart and join group and filename', () => {
    const name = { groupName: 'group1', filename: FILENAME }
    assert.deepEqual(splitFileId(`group1/${FILENAME}`), name)
    assert.deepEqual(splitFileId(`/group1/${FILENAME}`), name)
    assert.equal(formatFileId(name), `group1/${FILENAME}`)
  })

  it('find no group where there is none', () => {
    for (const path of ['', '/', 'group1', 'group1/', '//x', '/group1']) {
      assert.equal(splitFileId(path), undefined, path)
    }
  })
})

describe('isMetadataName', () => {
  it('knows what lies beside a file', () => {
    assert.equal(isMetadataName(`${FILENAME}-m`), true)
    assert.equal(isMetadataName(FILENAME), false)
  })
})

describe('createFilename', () => {
  const file = {
    storePathIndex: 1,
    subdirs: '0A/FF',
    source: { ipAddr: '127.0.0.3' },
    createTimestamp: 1_795_364_572,
    size: 2048,
    crc32: 0x8632_eb42,
    isAppender: false,
    extName: 'png',
    random: [0x1d_cd3e, 718],
  } as const

  it('makes the name that a storage made', () => {
    assert.equal(createFilename(file), `M01/0A/FF/${BASE64}718.png`)
  })

  it('fills seven characters with digits and extension', () => {
    const suffixOf = (extName: string, digits: number) =>
      createFilename({ ...file, extName, random: [0, digits] }).slice(-7)
    assert.equal(suffixOf('', 12), '0000012')
    assert.equal(suffixOf('', 4_294_967_295), '4967295')
    assert.equal(suffixOf('c', 0), '00000.c')
    assert.equal(suffixOf('tar.gz', 99), '.tar.gz')
  })

  it('says nothing of the size of an appender, large or small', () => {
    for (const size of [0, 12_000, 5 * 2 ** 30]) {
      const id = parsed(createFilename({ ...file, isAppender: true, size }))
      assert.equal(id.kind, 'appender')
      assert.equal(id.size, null)
    }
  })

  it('holds the id of a storage, where names hold ids', () => {
    const id = parsed(createFilename({ ...file, source: { id: 100_002 } }))
    assert.deepEqual([id.sourceId, id.sourceIp], [100_002, null])
  })

  it('writes the index of a store path in upper case', () => {
    assert.match(createFilename({ ...file, storePathIndex: 171 }), /^MAB\//)
  })
})

describe('createSlaveFilename', () => {
  const slaveOf = (filename: string, extName: string): string =>
    createSlaveFilename({ groupName: 'group1', filename }, '_s', extName)

  it('puts the prefix where the extension of the master was', () => {
    const stem = `M00/00/00/${BASE64}`
    assert.equal(slaveOf(`${stem}718.png`, 'jpg'), `${stem}718_s.jpg`)
    assert.equal(slaveOf(`${stem}9150307`, 'jpg'), `${stem}9150307_s.jpg`)
    assert.equal(slaveOf(`${stem}.tar.gz`, ''), `${stem}_s`)
  })
})
