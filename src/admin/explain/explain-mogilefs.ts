import { formatAddress } from '../../client/address.ts'
import type { MogilefsLookup } from '../../client/mogilefs-file.ts'
import type { Checksum } from '../../wire/checksum.ts'
import { parseChecksum } from '../../wire/mogilefs/checksum.ts'
import type { Device, Host } from '../../wire/mogilefs/cluster-messages.ts'
import { type FidUrl, parseFidUrl } from '../../wire/mogilefs/fid-path.ts'
import type { FileInfo } from '../../wire/mogilefs/file-messages.ts'
import { type Asked, ask } from './ask.ts'
import { lookAtCopy } from './content-look.ts'
import type { LookupReport, MogilefsFileReport, ReplicaReport } from './explanation.ts'
import type { ExplainSources, MogilefsSources } from './sources.ts'

interface Key {
  readonly domain: string
  readonly key: string
}

/** What one tracker or database knows of a key. */
export interface KeyAnswer {
  readonly missing: 'no_key' | 'no_domain' | null
  readonly file: MogilefsFileReport | null
  /** Where readers are sent. */
  readonly offered: readonly FidUrl[]
  /** All copies that there should be. */
  readonly all: readonly FidUrl[]
  /** Its "no" is final. */
  readonly isAuthoritative: boolean
}

export interface MogilefsEvidence {
  readonly lookups: readonly LookupReport[]
  readonly answers: readonly KeyAnswer[]
  readonly file: MogilefsFileReport | null
  readonly replicas: readonly ReplicaReport[]
  /** A key that differs by its leading slash, and that there is. */
  readonly twin: string | null
  /** Copies on addresses that are no host's. */
  readonly unlisted: readonly string[]
}

type Sources = Pick<ExplainSources, 'addressMap' | 'verifyMaxBytes'> & {
  readonly mogilefs: MogilefsSources
}

export async function askForDomains({
  trackers,
  databases,
}: MogilefsSources): Promise<readonly Asked<readonly string[]>[]> {
  return Promise.all([
    ...databases.map(({ client }) => ask(() => client.readDomains())),
    ...trackers.map(({ client }) =>
      ask(async (signal) => (await client.getDomains(signal)).map(({ name }) => name)),
    ),
  ])
}

/** All that trackers, databases and storages tell of a key. */
export async function explainMogilefs(key: Key, sources: Sources): Promise<MogilefsEvidence> {
  const { trackers, databases } = sources.mogilefs
  const [byDatabase, byTracker, members] = await Promise.all([
    Promise.all(databases.map(({ client }) => ask((signal) => askDatabase(client, key, signal)))),
    Promise.all(trackers.map(({ client }) => ask((signal) => askTracker(client, key, signal)))),
    askForMembers(sources.mogilefs),
  ])
  const asked = [...byDatabase, ...byTracker]
  const lookups = [
    ...databases.map(({ address }) => ({ kind: 'database', address }) as const),
    ...trackers.map(({ address }) => ({ kind: 'MogileFS tracker', address }) as const),
  ].map((who, index) => lookupOf(who, asked[index]))
  const answers = asked.flatMap(({ value }) => value ?? [])
  const file = mergeFiles(answers)
  const copies = copiesOf(answers)
  return {
    lookups,
    answers,
    file,
    twin: answers.some(({ missing }) => missing === 'no_key')
      ? await findTwin(key, sources.mogilefs)
      : null,
    replicas: await Promise.all(
      copies
        .filter(({ copy }) => members.isListed(copy))
        .map((copy) => probe(copy, { file, members, sources })),
    ),
    unlisted: copies.filter(({ copy }) => !members.isListed(copy)).map(({ name }) => name),
  }
}

/** With a leading slash in place of none, or the other way round: `leading_slash` may be wrong. */
async function findTwin(
  { domain, key }: Key,
  { trackers, databases }: MogilefsSources,
): Promise<string | null> {
  const twin = key.startsWith('/') ? key.slice(1) : `/${key}`
  if (twin === '') return null
  const name = { domain, key: twin }
  const asked = await Promise.all([
    ...databases.map(({ client }) =>
      ask(async (signal) => (await client.locate(name, signal)).lookup),
    ),
    ...trackers.map(({ client }) => ask((signal) => client.fileInfo(name, signal))),
  ])
  return asked.some(({ value }) => value !== null && typeof value !== 'string') ? twin : null
}

async function askTracker(
  client: MogilefsSources['trackers'][number]['client'],
  key: Key,
  signal: AbortSignal,
): Promise<KeyAnswer> {
  const [info, paths, debug] = await Promise.all([
    client.fileInfo(key, signal),
    client.getPaths(key, signal),
    // The primary's word; old trackers do not know the question.
    ask(() => client.fileDebug(key, signal)),
  ])
  if (typeof info === 'string') return { ...NOTHING, missing: info }
  if (typeof paths === 'string') return { ...NOTHING, missing: paths }
  const offered = paths.flatMap((path) => parseFidUrl(path) ?? [])
  const { value } = debug
  const all = value === null || typeof value === 'string' ? [] : value.paths
  const urls = all.flatMap(({ path }) => parseFidUrl(path) ?? [])
  return { ...NOTHING, file: reportOf(info), offered, all: urls.length > 0 ? urls : offered }
}

const NOTHING: KeyAnswer = {
  missing: null,
  file: null,
  offered: [],
  all: [],
  isAuthoritative: false,
}

function reportOf({ fid, length, className, devcount, checksum }: FileInfo): MogilefsFileReport {
  return { fid, length, className, devcount, checksum }
}

async function askDatabase(
  client: MogilefsSources['databases'][number]['client'],
  key: Key,
  signal: AbortSignal,
): Promise<KeyAnswer> {
  const { lookup, isAuthoritative } = await client.locate(key, signal)
  if (typeof lookup === 'string') return { ...NOTHING, missing: lookup, isAuthoritative }
  const { copies } = lookup
  return { ...NOTHING, file: reportOfRow(lookup), offered: copies, all: copies, isAuthoritative }
}

function reportOfRow({
  fid,
  length,
  copies,
  checksum,
}: Exclude<MogilefsLookup, string>): MogilefsFileReport {
  const text = checksum === null ? null : `${checksum.algorithm.toUpperCase()}:${checksum.value}`
  return { fid, length, className: null, devcount: copies.length, checksum: text }
}

function lookupOf(
  who: Pick<LookupReport, 'kind' | 'address'>,
  asked: Asked<KeyAnswer> | undefined,
): LookupReport {
  if (asked === undefined) return { ...who, ms: 0, answer: 'not asked', fault: null }
  const { value, fault, ms } = asked
  return { ...who, ms, fault, answer: value === null ? fault.reason : answerOf(value) }
}

function answerOf({ missing, file, offered, isAuthoritative }: KeyAnswer): string {
  const rank = isAuthoritative ? ' (the primary)' : ''
  if (missing === 'no_domain') return `no such domain${rank}`
  if (missing === 'no_key' || file === null) return `no such key${rank}`
  const devices =
    offered.map(({ devid }) => `dev${devid}`).join(', ') || 'no device to read it from'
  return `fid ${file.fid}, ${file.length ?? 'unknown'} bytes, ${devices}${rank}`
}

/** As the one knows it that knows most. */
function mergeFiles(answers: readonly KeyAnswer[]): MogilefsFileReport | null {
  const files = answers.flatMap(({ file }) => file ?? [])
  return files.find(({ className }) => className !== null) ?? files[0] ?? null
}

interface NamedCopy {
  readonly name: string
  readonly copy: FidUrl
  readonly isOffered: boolean
}

function copiesOf(answers: readonly KeyAnswer[]): readonly NamedCopy[] {
  const nameOf = ({ host, port, devid }: FidUrl): string => `${host}:${port}/dev${devid}`
  const offered = new Set(answers.flatMap((answer) => answer.offered.map(nameOf)))
  const all = answers.flatMap((answer) => [...answer.offered, ...answer.all])
  const byName = new Map(all.map((copy) => [nameOf(copy), copy]))
  return Array.from(byName, ([name, copy]) => ({ name, copy, isOffered: offered.has(name) }))
}

/** Hosts and devices, of whoever tells them. */
interface Members {
  isListed(copy: FidUrl): boolean
  stateOf(copy: FidUrl): string
}

async function askForMembers({ trackers, databases }: MogilefsSources): Promise<Members> {
  const asked = await Promise.all(
    trackers.map(({ client }) =>
      ask(async (signal) => {
        const [hosts, devices] = await Promise.all([
          client.getHosts(signal),
          client.getDevices(signal),
        ])
        return { hosts, devices }
      }),
    ),
  )
  const known = asked.find(({ value }) => value !== null)?.value
  const fromTables = databases.map(({ client }) => client.hosts()).find((list) => list.length > 0)
  return membersOf(known?.hosts ?? fromTables ?? [], known?.devices ?? [])
}

function membersOf(hosts: readonly Host[], devices: readonly Device[]): Members {
  const hostOf = ({ host, port }: FidUrl): Host | undefined =>
    hosts.find(
      ({ hostip, altip, httpPort, httpGetPort }) =>
        (hostip === host || altip === host) && (httpPort === port || httpGetPort === port),
    )
  return {
    isListed: (copy) => hostOf(copy) !== undefined,
    stateOf(copy) {
      const device = devices.find(({ devid }) => devid === copy.devid)
      const host = hostOf(copy)
      if (host === undefined || device === undefined) return host?.status ?? 'unknown'
      const seen = device.observedState === '' ? [] : [`seen ${device.observedState}`]
      return [`host ${host.status}`, `dev${device.devid} ${device.status}`, ...seen].join(', ')
    },
  }
}

async function probe(
  { name, copy, isOffered }: NamedCopy,
  {
    file,
    members,
    sources,
  }: { file: MogilefsFileReport | null; members: Members; sources: Sources },
): Promise<ReplicaReport> {
  const { mogilefs, addressMap, verifyMaxBytes } = sources
  const place = { ...copy, ...addressMap.reachable(copy) }
  const looked = await lookAtCopy(
    {
      info: async (signal) => {
        const size = await mogilefs.http.size(place, signal)
        return size === null ? null : { size, modified: null }
      },
      open: (span, signal) => mogilefs.http.open(place, { span, signal }),
    },
    { size: file?.length ?? null, checksum: checksumOf(file), verifyMaxBytes },
  )
  return {
    registered: name,
    address: formatAddress(place),
    state: members.stateOf(copy),
    isOffered,
    isSource: false,
    ...looked,
  }
}

function checksumOf(file: MogilefsFileReport | null): Checksum | null {
  return parseChecksum((file?.checksum ?? '').replace(/^SHA1:/, 'SHA-1:'))
}
