import { basename } from 'node:path'
import { describeUnknown } from './describe-unknown.ts'
import { directiveNamed, reasonWithoutEffect } from './directives.ts'
import type { Findings } from './fault.ts'
import type { IniEntry } from './ini-file.ts'
import { MOGILEFSD_WITHOUT_EFFECT } from './mogilefs-conf.ts'

/** What mogilefsd.conf and the edge both have. */
const WITH_EFFECT = ['db_dsn', 'db_user', 'db_pass']
const SHARED = [...WITH_EFFECT, 'listen']

/**
 * The entries without those that mean something else in the mogilefsd.conf in which they stand: its
 * `listen` is the tracker's and must not become the edge's. What is not known there is a setting of
 * some plugin, and no fault.
 */
export function setAsideMogilefsd(entries: readonly IniEntry[], findings: Findings): IniEntry[] {
  const perFile = Map.groupBy(entries, ({ file }) => file)
  const files = [...perFile.keys()].filter((file) => isMogilefsdConf(file, perFile.get(file) ?? []))
  return entries.filter((entry) => {
    if (!files.includes(entry.file)) return true
    if (entry.name === 'listen') {
      const message =
        "listen has no effect: in a mogilefsd.conf it is the tracker's, not the edge's"
      findings.warn(entry, message)
      return false
    }
    if (WITH_EFFECT.includes(entry.name) || reasonWithoutEffect(entry.name)) return true
    findings.warn(entry, describeUnknown(entry.name))
    return false
  })
}

/**
 * A file is a mogilefsd.conf if it has that name or a setting that only mogilefsd knows, and has
 * neither a section nor a setting that only the edge knows.
 */
function isMogilefsdConf(file: string, entries: readonly IniEntry[]): boolean {
  const isOfEdge = ({ name, section }: IniEntry) =>
    section !== '' || (directiveNamed(name) !== undefined && !SHARED.includes(name))
  if (entries.some(isOfEdge)) return false
  const isOfMogilefsd = ({ name }: IniEntry) => Object.hasOwn(MOGILEFSD_WITHOUT_EFFECT, name)
  return basename(file) === 'mogilefsd.conf' || entries.some(isOfMogilefsd)
}
