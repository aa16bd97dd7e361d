import { EdgeError } from '../../src/errors.ts'

/** For `assert.throws`: bytes that are no FastDFS, and no other fault. */
export function isProtocolError(error: unknown): boolean {
  return error instanceof EdgeError && error.code === 'protocol_error'
}

/** For `assert.throws`: a value that cannot be sent. */
export function isInvalidRef(error: unknown): boolean {
  return error instanceof EdgeError && error.code === 'invalid_ref'
}

/** What a decoder makes of any bytes: a value, or undefined for a protocol_error. Else it throws. */
export function valueOrProtocolError<T>(decode: () => T): T | undefined {
  try {
    return decode()
  } catch (error) {
    if (isProtocolError(error)) return undefined
    throw error
  }
}
