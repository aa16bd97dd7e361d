import { EdgeError } from '../../errors.ts'

/** Where a copy lies on its host. */
export interface FidPath {
  readonly devid: number
  readonly fid: number
}

const NAME_DIGITS = 10

/**
 * `/dev1/0/000/000/0000000003.fid`: folders of the first 1, 3 and 3 digits of the fid padded to ten;
 * a longer fid keeps all of its digits as its name.
 */
export function formatFidPath({ devid, fid }: FidPath): string {
  if (!isCount(devid) || !isCount(fid)) {
    throw new EdgeError('invalid_ref', `device ${devid} and fid ${fid} make no path`)
  }
  const name = `${fid}`.padStart(NAME_DIGITS, '0')
  return `/dev${devid}/${name.slice(0, 1)}/${name.slice(1, 4)}/${name.slice(4, 7)}/${name}.fid`
}

const FID_PATH = /^\/dev([0-9]{1,10})\/[0-9]\/[0-9]{3}\/[0-9]{3}\/([0-9]{10,16})\.fid$/

/** Undefined for every path that `formatFidPath` does not make. */
export function parseFidPath(path: string): FidPath | undefined {
  const [, devid, fid] = FID_PATH.exec(path) ?? []
  if (devid === undefined || fid === undefined) return undefined
  const parsed = { devid: Number(devid), fid: Number(fid) }
  return isCount(parsed.fid) && formatFidPath(parsed) === path ? parsed : undefined
}

/** A copy as a URL of a tracker's answer names it. */
export interface FidUrl extends FidPath {
  readonly host: string
  readonly port: number
}

export function formatFidUrl({ host, port, ...path }: FidUrl): string {
  return `http://${host}:${port}${formatFidPath(path)}`
}

const FID_URL = /^http:\/\/([A-Za-z0-9.-]{1,255}):([0-9]{1,5})(\/.*)$/

/** Undefined for what is no URL of a fid; MogileFS writes the port always. */
export function parseFidUrl(url: string): FidUrl | undefined {
  const [, host, port, path] = FID_URL.exec(url) ?? []
  if (host === undefined || path === undefined) return undefined
  const parsed = parseFidPath(path)
  const number = Number(port)
  return parsed && number >= 1 && number <= 65_535 ? { host, port: number, ...parsed } : undefined
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}
