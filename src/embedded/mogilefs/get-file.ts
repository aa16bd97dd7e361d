import type { Stats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { EdgeError } from '../../errors.ts'
import { formatFidPath } from '../../wire/mogilefs/fid-path.ts'
import { isDiskError } from '../disk-error.ts'
import { diskSpaceOf } from '../disk-space.ts'
import type { OpenFile } from '../open-files.ts'
import { sendPart } from '../send-part.ts'
import { type ContentPlan, planContent } from './content-plan.ts'
import { encodeHead, type HeaderField } from './http-answer.ts'
import { type Exchange, sendShort } from './mogstored-exchange.ts'
import { isMissing } from './mogstored-faults.ts'
import { findResource, type Resource } from './resource.ts'

/** GET and HEAD. */
export async function getFile(exchange: Exchange): Promise<void> {
  const resource = findResource(exchange.head.target, exchange.devids)
  if (resource.kind === 'bogus') await sendShort(exchange, { status: 403, text: 'Bogus URL' })
  else if (resource.kind === 'copy') await getCopy(exchange, resource)
  else if (resource.kind === 'usage') await getUsage(exchange, resource.devid)
  else if (resource.kind === 'unknown') await sendShort(exchange, { status: 404 })
  else await sendShort(exchange, { status: 200, text: 'Directory listing disabled' })
}

async function getCopy(
  exchange: Exchange,
  { copy }: Extract<Resource, { kind: 'copy' }>,
): Promise<void> {
  const { dirs, faults } = exchange
  if (isMissing(faults, formatFidPath(copy))) return await sendShort(exchange, { status: 404 })
  try {
    await dirs.openFiles.use(dirs.pathOf(copy), (file, stats) => sendFile(exchange, file, stats))
  } catch (error) {
    if (!isAbsent(error)) throw error
    await sendShort(exchange, { status: 404 })
  }
}

/** Not there, or no file. Both show before anything was sent. */
function isAbsent(error: unknown): boolean {
  if (error instanceof EdgeError) return error.code === 'invalid_ref'
  return isDiskError(error) && 'code' in error && error.code === 'ENOENT'
}

async function sendFile(exchange: Exchange, file: OpenFile, stats: Stats): Promise<void> {
  const { connection, faults, head } = exchange
  const lastModified = httpDate(stats.mtimeMs)
  const plan = planFor(exchange, { size: stats.size, lastModified })
  const headOf = (size: number) => contentHead(exchange, { ...plan, size }, lastModified)
  if (head.method === 'HEAD' || plan.size === 0) return await connection.write(headOf(plan.size))
  const part = { file, start: 0, offset: plan.offset, size: plan.size }
  await sendPart(connection, part, { headOf, faults })
}

/** `/devN/usage`: how full the disk is, in KiB. Its total is what files may use, as `df` reckons. */
async function getUsage(exchange: Exchange, devid: number): Promise<void> {
  const { connection, head, dirs, now } = exchange
  const usage = Buffer.from(await usageOf(dirs.folderOf(devid), now()))
  const lastModified = httpDate(now())
  const plan = planFor(exchange, { size: usage.length, lastModified })
  const part = usage.subarray(plan.offset, plan.offset + plan.size)
  const bytes = contentHead(exchange, plan, lastModified)
  await connection.write(head.method === 'HEAD' ? bytes : Buffer.concat([bytes, part]))
}

async function usageOf(folder: string, nowMs: number): Promise<string> {
  const { usedBytes, freeBytes } = await diskSpaceOf(folder)
  const { dev } = await stat(folder)
  const totalBytes = usedBytes + freeBytes
  const lines = {
    available: Math.floor(freeBytes / 1024),
    device: `disk${dev}`,
    disk: folder,
    time: Math.floor(nowMs / 1000),
    total: Math.floor(totalBytes / 1024),
    use: `${Math.round((100 * usedBytes) / totalBytes)}%`,
    used: Math.floor(usedBytes / 1024),
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('')
}

function planFor({ head, faults }: Exchange, facts: { size: number; lastModified: string }) {
  if (faults.ignoreRange !== true) return planContent(head, facts)
  const headers = new Map(head.headers)
  headers.delete('range')
  return planContent({ ...head, headers }, facts)
}

function contentHead(
  { head, faults, now }: Exchange,
  { status, size, contentRange }: ContentPlan,
  lastModified: string,
): Buffer {
  const facts: readonly HeaderField[] = [
    ['Date', httpDate(now())],
    ['Server', 'Perlbal'],
    ['Last-Modified', lastModified],
    ['Accept-Ranges', 'bytes'],
  ]
  const said = status === 206 ? (faults.wrongContentRange ?? contentRange) : contentRange
  const range: readonly HeaderField[] = said === undefined ? [] : [['Content-Range', said]]
  const length: HeaderField = ['Content-Length', size]
  const fields = {
    200: [...facts, ['Content-Type', 'text/plain'], length],
    206: [...facts, ['Content-Type', 'text/plain'], ...range, length],
    304: facts,
    416: [...range, length, ...facts],
  } satisfies Record<ContentPlan['status'], readonly HeaderField[]>
  return encodeHead({ status, fields: fields[status], isKeepAlive: head.isKeepAlive })
}

function httpDate(milliseconds: number): string {
  return new Date(milliseconds).toUTCString()
}
