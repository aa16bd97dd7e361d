import type { FidPath } from '../../wire/mogilefs/fid-path.ts'
import type { TemporaryFile } from '../temporary-file.ts'
import type { ShortAnswer } from './http-answer.ts'
import { type Exchange, sendShort } from './mogstored-exchange.ts'
import { findResource } from './resource.ts'

const REFUSED: ShortAnswer = { status: 403, text: 'No upload is awaited here' }

/**
 * PUT: only where CREATE_OPEN has sent somebody, and only until CREATE_CLOSE. A body that does not
 * arrive whole leaves nothing.
 */
export async function putFile(exchange: Exchange): Promise<void> {
  const resource = findResource(exchange.head.target, exchange.devids)
  if (resource.kind === 'bogus') await sendShort(exchange, { status: 403, text: 'Bogus URL' })
  else if (resource.kind === 'unknown') await sendShort(exchange, { status: 404 })
  else if (resource.kind !== 'copy' || !isAwaited(exchange, resource.copy)) {
    await sendShort(exchange, REFUSED)
  } else await sendShort(exchange, await receive(exchange, resource.copy))
}

function isAwaited({ files }: Exchange, { fid, devid }: FidPath): boolean {
  return files.tempfile(fid)?.devids.includes(devid) === true
}

async function receive(exchange: Exchange, copy: FidPath): Promise<ShortAnswer> {
  const { body, dirs, locks } = exchange
  return await dirs.withTemporary(copy.devid, async (file: TemporaryFile) => {
    for await (const chunk of body.content()) await file.write(chunk)
    return await locks.run(`${copy.fid}`, async () => {
      if (isAwaited(exchange, copy)) {
        await dirs.commit(file, copy)
        return { status: 200 }
      }
      await file.discard()
      return REFUSED
    })
  })
}
