import { APPENDER, JPG, SLAVE } from '../support/edge-fixture.ts'

/** JPG's id with the mark of a trunk file and a slot. */
export const TRUNK = '/group1/M00/00/00/fwAAA2sDFtyIYcJyAAB4AIokZSMAAAABAAAAAAAAeAA648.jpg'
/** A normal file; what a test does not put onto the store path is not there. */
export const NOT_HERE = JPG.replace('fwAAA2', 'fwAAA3')
export const SLAVE_HERE = SLAVE.replace('group2', 'group1')
export const APPENDER_HERE = APPENDER.replace('M01', 'M00')

/** A normal file's id like no other. Its size is 30720. */
export function normalId(number: number, extension = '48.jpg'): string {
  const digits = number.toString(36).padStart(3, '0')
  return `/group1/M00/00/00/fwA${digits}${JPG.slice(JPG.indexOf('sDFtyA'), -7)}6${extension}`
}

/** The same with a size above 1 MiB: nginx fetches such files in slices. */
export function largeId(number: number): string {
  return normalId(number).replace('AAB4A', 'ABB4A')
}
