import { DONE, refusal } from './reply.ts'
import { onDomain, onKey } from './tracker-command.ts'

/** DELETE domain key => */
export const deleteKey = onKey(({ store, work, nowSeconds }, { dmid, key }) => {
  const file = store.files.byKey(dmid, key)
  if (file === undefined) return refusal('unknown_key')
  store.transaction(() => store.deleteFile(file.fid, nowSeconds()))
  work.wake()
  return DONE
})

/** RENAME domain from_key to_key =>, and the fid stays. */
export const rename = onDomain(({ store }, { dmid, args }) => {
  const fromKey = args.get('from_key') ?? ''
  const toKey = args.get('to_key') ?? ''
  if (fromKey === '' || toKey === '') return refusal('no_key')
  const file = store.files.byKey(dmid, fromKey)
  if (file === undefined) return refusal('unknown_key')
  const other = store.files.byKey(dmid, toKey)
  // Another spelling of the same key is no other key.
  if (other !== undefined && other.fid !== file.fid) return refusal('key_exists')
  store.files.rename(file.fid, toKey)
  return DONE
})

/** UPDATECLASS domain key class => */
export const updateKeyClass = onKey(({ store, work, nowSeconds }, { dmid, key, args }) => {
  const className = args.get('class') ?? ''
  if (className === '') return refusal('no_class')
  const fileClass = store.domains.classNamed(dmid, className)
  if (fileClass === undefined) return refusal('class_not_found')
  const file = store.files.byKey(dmid, key)
  if (file === undefined) return refusal('invalid_key')
  if (store.files.devids(file.fid).length === 0) return refusal('no_devices')
  store.files.setClass(file.fid, fileClass.classid)
  store.toReplicate.add(file.fid, nowSeconds())
  work.wake()
  return DONE
})
