import { EdgeError } from '../../errors.ts'

/** The status byte of a reply is an errno of Linux. A status other than 0 has an empty body. */
export const STATUS = {
  OK: 0,
  ENOENT: 2,
  EIO: 5,
  EBUSY: 16,
  EEXIST: 17,
  EINVAL: 22,
  ENOSPC: 28,
} as const

const MEANINGS = new Map<number, string>([
  [STATUS.ENOENT, 'no such file, group or storage'],
  [STATUS.EIO, 'input/output error'],
  [STATUS.EBUSY, 'busy'],
  [STATUS.EEXIST, 'exists already'],
  [STATUS.EINVAL, 'invalid argument'],
  [STATUS.ENOSPC, 'no space left'],
])

export function statusMeaning(status: number): string {
  return `${MEANINGS.get(status) ?? 'unknown status'} (${status})`
}

/** Turns the status of a reply into an error. Decoding itself never throws for a status. */
export function statusError(status: number, what: string, host?: string): EdgeError {
  return new EdgeError('refused_by_server', `${what}: ${statusMeaning(status)}`, { host, status })
}
