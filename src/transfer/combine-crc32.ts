// crc32s are remainders of polynomials over GF(2), with the bits reversed: the highest bit is x to the power of 0.
// Source: RFC 1952, 8; the same as crc32_combine of zlib.

const POLYNOMIAL = 0xedb88320
const ONE = 0x80000000
const X_TO_8 = 0x00800000

/**
 * How the crc32 of some bytes changes when `length` others follow them. @returns the crc32 of both, of the crc32 of
 * the first and that of the others
 */
export function combineCrc32(length: number): (first: number, second: number) => number {
  const shift = powerOfX8(length)
  return (first, second) => (multiply(shift, first) ^ second) >>> 0
}

/** x to the power of 8 * `exponent`: so far do bytes move those in front of them. */
function powerOfX8(exponent: number): number {
  let power = ONE
  let square = X_TO_8
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = multiply(square, power)
    square = multiply(square, square)
  }
  return power
}

function multiply(a: number, b: number): number {
  let product = 0
  let shifted = b
  for (let bit = 31; bit >= 0; bit -= 1) {
    if ((a >>> bit) & 1) product ^= shifted
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1
  }
  return product >>> 0
}
