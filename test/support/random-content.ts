import { createCipheriv } from 'node:crypto'

/** Bytes that do not repeat, the same for the same seed. */
export function randomContent(size: number, seed = 1): Buffer {
  const key = Buffer.alloc(16, seed)
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size))
}
