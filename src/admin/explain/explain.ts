import type { UrlOptions } from '../../http/find-ref.ts'
import { EMPTY_QUERY } from '../../http/query.ts'
import type { Ref } from '../../resolver/resolver.ts'
import { parseFileId } from '../../wire/fastdfs/file-id.ts'
import type { Asked } from './ask.ts'
import { askForGroups, explainFastdfs, type GroupLists } from './explain-fastdfs.ts'
import { askForDomains, explainMogilefs } from './explain-mogilefs.ts'
import type { Evidence, Explanation, LocalFileReport, NginxReport } from './explanation.ts'
import { type Findings, judge } from './judge.ts'
import { reportLocalFile } from './local-file.ts'
import { findNginxEntry } from './nginx-entry.ts'
import { notesOfFastdfs, notesOfMogilefs } from './notes.ts'
import { type ReadUrl, readUrl } from './read-url.ts'
import type { ExplainSources } from './sources.ts'
import { reportToken } from './token-report.ts'

export interface ExplainQuestion {
  /** A path, or a whole URL. */
  readonly url: string
  /** The Host header. */
  readonly host?: string | undefined
  /** Unix seconds: the Date that a client's clock showed, or that an answer had. */
  readonly dateSeconds?: number | undefined
}

/** What the trackers and databases list at the moment. */
interface Names {
  readonly groupLists: GroupLists
  readonly groups: readonly string[]
  readonly domains: readonly string[]
}

/** Why a URL is answered as it is, found by asking every daemon that has a part in it. */
export async function explain(
  question: ExplainQuestion,
  sources: ExplainSources,
): Promise<Explanation> {
  const names = await askForNames(sources)
  const read = readUrl(question.url, question.host, urlsOf(sources, names))
  const { evidence, findings } = await gather(question, { read, names }, sources)
  return { ...evidence, verdict: judge(evidence, findings) }
}

async function askForNames({ fastdfs, mogilefs }: ExplainSources): Promise<Names> {
  const [groupLists, domainLists] = await Promise.all([
    fastdfs === null ? [] : askForGroups(fastdfs),
    mogilefs === null ? [] : askForDomains(mogilefs),
  ])
  const groups = valuesOf(groupLists).map(({ groupName }) => groupName)
  return { groupLists, groups: unique(groups), domains: unique(valuesOf(domainLists)) }
}

function valuesOf<T>(asked: readonly Asked<readonly T[]>[]): readonly T[] {
  return asked.flatMap(({ value }) => value ?? [])
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted()
}

function urlsOf({ fastdfs, mogilefs }: ExplainSources, { groups, domains }: Names): UrlOptions {
  const isGroup = (name: string): boolean =>
    groups.includes(name) || (fastdfs?.groupNames.includes(name) ?? false)
  return {
    ...(fastdfs && {
      fastdfs: { hasGroupName: fastdfs.hasGroupName, groupName: fastdfs.groupName, isGroup },
    }),
    ...(mogilefs && {
      mogilefs: {
        domainOfHost: mogilefs.domainOfHost,
        hasLeadingSlash: mogilefs.hasLeadingSlash,
        isDomain: (name) => domains.includes(name),
      },
    }),
  }
}

async function gather(
  question: ExplainQuestion,
  { read, names }: { read: ReadUrl; names: Names },
  sources: ExplainSources,
): Promise<{ evidence: Evidence; findings: Findings }> {
  const { ref } = read.reading
  const [fastdfs, mogilefs, localFile, answer] = await Promise.all([
    ref?.system === 'fastdfs' && sources.fastdfs !== null
      ? explainFastdfs(ref, names.groupLists, { ...sources, fastdfs: sources.fastdfs })
      : null,
    ref?.system === 'mogilefs' && sources.mogilefs !== null
      ? explainMogilefs(ref, { ...sources, mogilefs: sources.mogilefs })
      : null,
    findLocalFile(ref, sources),
    sources.answer(askedUrl(question, sources, names)),
  ])
  const evidence: Evidence = {
    url: question.url,
    reading: read.reading,
    id: fastdfs?.id ?? null,
    file: mogilefs?.file ?? null,
    token: tokenOf(question, read, sources),
    lookups: fastdfs?.lookups ?? mogilefs?.lookups ?? [],
    replicas: fastdfs?.replicas ?? mogilefs?.replicas ?? [],
    localFile,
    nginx: await findEntry(ref, mogilefs?.file?.fid ?? null, sources),
    answer,
    notes: [
      ...(fastdfs === null ? [] : notesOfFastdfs(fastdfs)),
      ...(mogilefs === null ? [] : notesOfMogilefs(mogilefs)),
    ],
  }
  const { nearest } = sources
  const hasFastdfs = sources.fastdfs !== null
  const hasGroupName = sources.fastdfs?.hasGroupName ?? true
  return { evidence, findings: { ...names, fastdfs, mogilefs, hasFastdfs, hasGroupName, nearest } }
}

function askedUrl(
  { url, host }: ExplainQuestion,
  sources: ExplainSources,
  names: Names,
): Parameters<ExplainSources['answer']>[0] {
  const { fastdfs, mogilefs } = urlsOf(sources, names)
  return {
    target: url,
    host,
    isGroup: fastdfs?.isGroup ?? (() => false),
    isDomain: mogilefs?.isDomain ?? (() => false),
  }
}

function tokenOf(
  { url, dateSeconds }: ExplainQuestion,
  { url: read }: ReadUrl,
  { token, now }: ExplainSources,
): Evidence['token'] {
  if (read.kind !== 'file') return { ...NO_TOKEN, isChecked: token.isChecked }
  const rawPath = url.replace(/^https?:\/\/[^/]*/i, '').split('?', 1)[0] ?? ''
  return reportToken(token, {
    ref: read.ref,
    query: read.query ?? EMPTY_QUERY,
    rawPath,
    nowSeconds: now() / 1000,
    dateSeconds: dateSeconds ?? null,
  })
}

const NO_TOKEN = {
  token: null,
  ts: null,
  expectedInput: null,
  state: 'not asked for',
  leftSeconds: null,
  clockDifferenceSeconds: null,
  fault: null,
} as const

function findLocalFile(
  ref: Ref | null,
  { fastdfs }: ExplainSources,
): Promise<LocalFileReport | null> | null {
  const id = ref?.system === 'fastdfs' ? parseFileId(ref) : undefined
  return id === undefined || fastdfs === null ? null : reportLocalFile(id, fastdfs.localGroups)
}

function findEntry(
  ref: Ref | null,
  fid: number | null,
  { nginxCache, now }: ExplainSources,
): Promise<NginxReport> | null {
  if (ref === null) return null
  return findNginxEntry(ref, fid, { place: nginxCache, nowSeconds: now() / 1000 })
}
