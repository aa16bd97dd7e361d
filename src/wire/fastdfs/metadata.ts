import { EdgeError } from '../../errors.ts'

/** Name to value, as a user set them on a file. */
export type Metadata = ReadonlyMap<string, string>

export type MetadataCharset = 'utf8' | 'latin1'

const RECORD_SEPARATOR = '\x01'
const FIELD_SEPARATOR = '\x02'

/**
 * metadata => name 0x02 value (0x01 name 0x02 value)*, sorted by name as upstream stores it.
 * A storage takes the bytes as they are, in whatever charset: `latin1` both ways keeps them.
 */
export function encodeMetadata(metadata: Metadata, charset: MetadataCharset = 'utf8'): Buffer {
  const records = [...metadata].map(([name, value]) => {
    const pair = name + value
    if (pair.includes(RECORD_SEPARATOR) || pair.includes(FIELD_SEPARATOR)) {
      throw new EdgeError('invalid_ref', 'metadata can hold neither 0x01 nor 0x02')
    }
    return `${name}${FIELD_SEPARATOR}${value}`
  })
  return Buffer.from(records.sort().join(RECORD_SEPARATOR), charset)
}

/** A record without a separator is a name without a value; empty records are skipped. */
export function decodeMetadata(body: Buffer, charset: MetadataCharset = 'utf8'): Metadata {
  const records = body.toString(charset).split(RECORD_SEPARATOR)
  const pairs = records
    .filter((record) => record !== '')
    .map((record): [string, string] => {
      const [name = '', ...value] = record.split(FIELD_SEPARATOR)
      return [name, value.join(FIELD_SEPARATOR)]
    })
  return new Map(pairs)
}
