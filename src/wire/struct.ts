import { EdgeError } from '../errors.ts'

/** One fixed-width value in a message body. `size` in bytes; offsets are the struct's business. */
export interface Field<T> {
  readonly size: number
  read(buffer: Buffer, offset: number): T
  write(buffer: Buffer, offset: number, value: T): void
}

export type FieldTable = { readonly [name: string]: Field<unknown> }

type ValueOf<F> = F extends Field<infer T> ? T : never
export type ValuesOf<T extends FieldTable> = { readonly [K in keyof T]: ValueOf<T[K]> }

/** A fixed body, read and written by one table of fields. It is itself a field. */
export interface Struct<T> extends Field<T> {
  /** The value at `offset`. @throws EdgeError protocol_error when the bytes do not reach that far */
  decode(buffer: Buffer, offset?: number): T
  /** `count` values one behind the other, to the end of `buffer`; `count` is `rest / size`. */
  decodeAll(buffer: Buffer, offset?: number): T[]
  encode(value: T): Buffer
}

/** The value type of a struct: `type Header = StructValue<typeof HEADER>`. */
export type StructValue<S> = S extends Struct<infer T> ? T : never

/**
 * `struct({ groupName: text(16), ipAddr: text(15), port: i64 })` infers its type and sums its size.
 */
export function struct<T extends FieldTable>(fields: T): Struct<ValuesOf<T>> {
  const entries = Object.entries(fields)
  const size = entries.reduce((sum, [, field]) => sum + field.size, 0)

  function read(buffer: Buffer, start: number): ValuesOf<T> {
    const value: Record<string, unknown> = {}
    let offset = start
    for (const [name, field] of entries) {
      value[name] = field.read(buffer, offset)
      offset += field.size
    }
    return value as ValuesOf<T>
  }

  function write(buffer: Buffer, start: number, value: ValuesOf<T>): void {
    let offset = start
    for (const [name, field] of entries) {
      field.write(buffer, offset, value[name])
      offset += field.size
    }
  }

  function decode(buffer: Buffer, offset = 0): ValuesOf<T> {
    requireBytes(buffer, offset, size)
    return read(buffer, offset)
  }

  function decodeAll(buffer: Buffer, offset = 0): ValuesOf<T>[] {
    const count = (buffer.length - offset) / size
    if (!Number.isInteger(count) || count < 0) {
      throw new EdgeError(
        'protocol_error',
        `${buffer.length - offset} bytes are no list of ${size}`,
      )
    }
    return Array.from({ length: count }, (_, index) => read(buffer, offset + index * size))
  }

  function encode(value: ValuesOf<T>): Buffer {
    const buffer = Buffer.alloc(size)
    write(buffer, 0, value)
    return buffer
  }

  return { size, read, write, decode, decodeAll, encode }
}

function requireBytes(buffer: Buffer, offset: number, size: number): void {
  if (offset < 0 || offset + size > buffer.length) {
    throw new EdgeError(
      'protocol_error',
      `${buffer.length - offset} bytes where ${size} are needed`,
    )
  }
}

/** NUL-padded text of `size` bytes, not terminated when it fills them. Trailing bytes are ignored. */
export function text(size: number): Field<string> {
  return {
    size,
    read(buffer, offset) {
      const bytes = buffer.subarray(offset, offset + size)
      const end = bytes.indexOf(0)
      return bytes.toString('utf8', 0, end < 0 ? size : end)
    },
    write(buffer, offset, value) {
      if (Buffer.byteLength(value) > size || value.includes('\0')) {
        throw new EdgeError('invalid_ref', `"${value}" is no text of ${size} bytes`)
      }
      buffer.fill(0, offset, offset + size)
      buffer.write(value, offset, size, 'utf8')
    },
  }
}

/** Big-endian int64. Values beyond ±2^53 are refused: no size or time of ours comes near. */
export const i64: Field<number> = {
  size: 8,
  read(buffer, offset) {
    const value = buffer.readInt32BE(offset) * 2 ** 32 + buffer.readUInt32BE(offset + 4)
    if (!Number.isSafeInteger(value)) {
      throw new EdgeError(
        'protocol_error',
        `the number ${buffer.readBigInt64BE(offset)} is too large`,
      )
    }
    return value
  },
  write(buffer, offset, value) {
    buffer.writeInt32BE(Math.floor(value / 2 ** 32), offset)
    buffer.writeUInt32BE(value - Math.floor(value / 2 ** 32) * 2 ** 32, offset + 4)
  },
}

/** An int64 that counts bytes: never below zero. */
export const byteCount: Field<number> = {
  size: i64.size,
  read(buffer, offset) {
    const value = i64.read(buffer, offset)
    if (value < 0) throw new EdgeError('protocol_error', `a length of ${value} bytes`)
    return value
  },
  write: i64.write,
}

export const i32: Field<number> = {
  size: 4,
  read: (buffer, offset) => buffer.readInt32BE(offset),
  write: (buffer, offset, value) => void buffer.writeInt32BE(value, offset),
}

export const u32: Field<number> = {
  size: 4,
  read: (buffer, offset) => buffer.readUInt32BE(offset),
  write: (buffer, offset, value) => void buffer.writeUInt32BE(value, offset),
}

export const u8: Field<number> = {
  size: 1,
  read: (buffer, offset) => buffer.readUInt8(offset),
  write: (buffer, offset, value) => void buffer.writeUInt8(value, offset),
}
