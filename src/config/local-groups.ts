import { accessSync, constants, statSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { explainFileError } from './bounded-file.ts'
import type { Findings } from './fault.ts'
import type { IniEntry } from './ini-file.ts'
import { quote } from './quote.ts'
import { Settings } from './settings.ts'

/** The part of a group that lies on this host. */
export interface LocalGroup {
  readonly groupName: string
  /** The port of the storage that these paths belong to. */
  readonly storageServerPort: number
  /** Folders that hold `data`, without a slash at the end; `M00` is the first. */
  readonly storePaths: readonly string[]
}

type Sections = ReadonlyMap<string, readonly IniEntry[]>

/** File ids have two hexadecimal digits for the store path. */
const MAX_STORE_PATHS = 256

/**
 * Store paths on this host: of one group as store_path0, .. before the first section, or with
 * group_count of several, each in its section (fdfs_load_groups_store_paths).
 */
export function readLocalGroups(sections: Sections, findings: Findings): LocalGroup[] {
  const settings = new Settings(sections.get('') ?? [])
  const count = settings.get('group_count')
  warnOfUnusedSections(count, sections, findings)
  const countEntry = settings.entryOf('group_count')
  if (countEntry === undefined || count === 0) return readGroup(settings, findings) ?? []
  const groups = Array.from({ length: count }, (_, index) => {
    const section = `group${index + 1}`
    const group = readGroup(new Settings(sections.get(section) ?? []), findings)
    if (group === undefined) {
      findings.fault(countEntry, `group_count is ${count}, but [${section}] names no store path`)
    }
    return group ?? []
  }).flat()
  faultTwins(groups, countEntry, findings)
  return groups
}

/** At most one group; undefined without any store path. */
function readGroup(settings: Settings, findings: Findings): LocalGroup[] | undefined {
  const first = settings.entryOf('store_path_count') ?? lastStorePath(settings)
  if (first === undefined) return undefined
  const storePaths = readStorePaths(settings, findings)
  const [groupName, ...others] = settings.get('group_name') ?? []
  if (groupName === undefined) {
    findings.fault(first, `${first.name} is set, but no group_name`)
    return []
  }
  if (others.length > 0) {
    const message =
      'group_name: store paths of several groups need group_count and a section for each'
    findings.fault(settings.entryOf('group_name') ?? first, message)
  }
  return [{ groupName, storageServerPort: settings.get('storage_server_port'), storePaths }]
}

function readStorePaths(settings: Settings, findings: Findings): string[] {
  const count = settings.get('store_path_count') ?? countStorePaths(settings)
  const fallback = settings.entryOf('store_path_count') ?? lastStorePath(settings)
  const paths: string[] = []
  for (let index = 0; index < count; index++) {
    const entry = settings.entryOf(`store_path${index}`)
    if (entry !== undefined) paths.push(checkStorePath(entry, findings))
    else if (fallback) findings.fault(fallback, `store_path${index} of ${count} is not set`)
  }
  const unused = settings.entryOf(`store_path${count}`)
  if (unused) findings.warn(unused, `store_path${count} is not used: store_path_count is ${count}`)
  return paths
}

/** One more than the highest index, so that a gap shows. */
function countStorePaths(settings: Settings): number {
  for (let count = MAX_STORE_PATHS; count > 0; count--) {
    if (settings.entryOf(`store_path${count - 1}`) !== undefined) return count
  }
  return 0
}

function lastStorePath(settings: Settings): IniEntry | undefined {
  return settings.entryOf(`store_path${countStorePaths(settings) - 1}`)
}

function checkStorePath(entry: IniEntry, findings: Findings): string {
  const path = entry.value.replace(/(?<=.)\/+$/, '')
  const name = `${entry.name}: ${quote(path)}`
  const refusal = refuseFolder(path)
  if (refusal !== undefined) findings.fault(entry, `${name}: ${refusal}`)
  else if (refuseFolder(join(path, 'data')) !== undefined) {
    const message = 'holds no readable folder "data": is it a store path of FastDFS?'
    findings.warn(entry, `${name} ${message}`)
  }
  return path
}

function refuseFolder(path: string): string | undefined {
  if (!isAbsolute(path)) return 'it is not an absolute path'
  try {
    if (!statSync(path).isDirectory()) return 'it is not a folder'
    accessSync(path, constants.R_OK | constants.X_OK)
    return undefined
  } catch (error) {
    return explainFileError(error)
  }
}

function faultTwins(groups: readonly LocalGroup[], place: IniEntry, findings: Findings): void {
  for (const [groupName, { length }] of Map.groupBy(groups, (group) => group.groupName)) {
    if (length > 1) findings.fault(place, `group_name ${groupName} stands in ${length} sections`)
  }
}

function warnOfUnusedSections(count: number, sections: Sections, findings: Findings): void {
  for (const [section, [first]] of sections) {
    const number = /^group([0-9]+)$/.exec(section)?.[1]
    if (number === undefined || first === undefined) continue
    const isUsed =
      String(Number(number)) === number && Number(number) >= 1 && Number(number) <= count
    if (!isUsed) findings.warn(first, `[${section}] is not used: group_count is ${count}`)
  }
}
