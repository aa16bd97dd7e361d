import type { Arguments } from '../../wire/mogilefs/arguments.ts'
import { hashTypeName, hashTypeNumber } from '../../wire/mogilefs/checksum.ts'
import { encodeDomains } from '../../wire/mogilefs/cluster-messages.ts'
import { type ClassRow, DEFAULT_CLASS } from './domain-tables.ts'
import { answer, type Refused, refusal } from './reply.ts'
import { numberOf, type TrackerCommand, type TrackerContext } from './tracker-command.ts'
import { isReplicationPolicy } from './wanted-copies.ts'

const MAX_MINDEVCOUNT = 255
const DEFAULT_POLICY = 'MultipleHosts()'

/** GET_DOMAINS => domains domain1 domain1classes domain1class1name .. */
export const getDomains: TrackerCommand = ({ store }) => {
  const domains = store.domains.domains().map(({ dmid, namespace }) => ({
    name: namespace,
    classes: store.domains.classes(dmid).map((it) => ({
      name: it.classname,
      mindevcount: it.mindevcount,
      replpolicy: it.replpolicy ?? DEFAULT_POLICY,
      hashtype: hashTypeName(it.hashtype),
    })),
  }))
  return answer(encodeDomains(domains))
}

/** CREATE_DOMAIN domain => domain */
export const createDomain: TrackerCommand = ({ store }, args) => {
  const domain = args.get('domain') ?? ''
  if (domain === '') return refusal('no_domain')
  if (store.domains.dmid(domain) !== undefined) return refusal('domain_exists')
  store.domains.insertDomain(domain)
  return answer({ domain })
}

/** DELETE_DOMAIN domain => domain */
export const deleteDomain: TrackerCommand = ({ store }, args) => {
  const domain = args.get('domain') ?? ''
  if (domain === '') return refusal('no_domain')
  const dmid = store.domains.dmid(domain)
  if (dmid === undefined) return refusal('domain_not_found')
  if (store.domains.hasFiles(dmid)) return refusal('domain_has_files')
  const isOther = ({ classid }: ClassRow) => classid !== DEFAULT_CLASS.classid
  if (store.domains.classes(dmid).some(isOther)) return refusal('domain_has_classes')
  store.transaction(() => store.domains.deleteDomain(dmid))
  return answer({ domain })
}

/** CREATE_CLASS domain class mindevcount [replpolicy hashtype] => domain class mindevcount */
export const createClass: TrackerCommand = (tracker, args) =>
  putClass(tracker, args, { isUpdate: false })

/** UPDATE_CLASS: as CREATE_CLASS, for one that is there, or for `default`. */
export const updateClass: TrackerCommand = (tracker, args) =>
  putClass(tracker, args, { isUpdate: true })

function putClass(
  { store, work }: TrackerContext,
  args: Arguments,
  { isUpdate }: { readonly isUpdate: boolean },
) {
  const fault = classFault(args)
  if (fault !== undefined) return refusal(fault)
  const domain = args.get('domain') ?? ''
  const classname = args.get('class') ?? ''
  const dmid = store.domains.dmid(domain)
  if (dmid === undefined) return refusal('domain_not_found')
  const old = store.domains.classNamed(dmid, classname)
  const hasRow = store.domains.hasClassRow(dmid, classname)
  if (isUpdate && old === undefined) return refusal('class_not_found')
  if (!isUpdate && hasRow) return refusal('class_exists')
  const classid = old?.classid ?? store.domains.nextClassid(dmid)
  const row = { classid, classname, ...givenOf(args, old) }
  store.domains.putClass(dmid, row)
  work.wake()
  return answer({ domain, class: classname, mindevcount: row.mindevcount })
}

function classFault(args: Arguments): Refused | undefined {
  if (!args.get('domain')) return 'no_domain'
  if (!args.get('class')) return 'no_class'
  const mindevcount = numberOf(args, 'mindevcount')
  if (mindevcount < 1 || mindevcount > MAX_MINDEVCOUNT) return 'invalid_mindevcount'
  const replpolicy = args.get('replpolicy') || DEFAULT_POLICY
  if (!isReplicationPolicy(replpolicy)) return 'invalid_replpolicy'
  const hashtype = args.get('hashtype') || 'NONE'
  const isKnown = hashtype === 'NONE' || hashTypeNumber(hashtype) !== null
  return isKnown ? undefined : 'invalid_hashtype'
}

/** A policy and a hash type that are not given stay as they are. */
function givenOf(args: Arguments, old: ClassRow | undefined) {
  const hashtype = args.get('hashtype')
  return {
    mindevcount: numberOf(args, 'mindevcount'),
    replpolicy: args.get('replpolicy') || (old?.replpolicy ?? null),
    hashtype: hashtype ? hashTypeNumber(hashtype) : (old?.hashtype ?? null),
  }
}

/** DELETE_CLASS domain class => domain class */
export const deleteClass: TrackerCommand = ({ store }, args) => {
  const domain = args.get('domain') ?? ''
  const classname = args.get('class') ?? ''
  if (domain === '') return refusal('no_domain')
  if (classname === '') return refusal('no_class')
  if (classname === DEFAULT_CLASS.classname) return refusal('nodel_default_class')
  const dmid = store.domains.dmid(domain)
  if (dmid === undefined) return refusal('domain_not_found')
  const found = store.domains.classNamed(dmid, classname)
  if (found === undefined) return refusal('class_not_found')
  if (store.domains.hasFiles(dmid, found.classid)) return refusal('class_has_files')
  store.domains.deleteClass(dmid, found.classid)
  return answer({ domain, class: classname })
}
