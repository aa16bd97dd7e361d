import { describeUnknown } from './describe-unknown.ts'
import { type DirectiveName, directive, directiveNamed, reasonWithoutEffect } from './directives.ts'
import type { Findings } from './fault.ts'
import type { IniEntry } from './ini-file.ts'
import { GROUP_DIRECTIVES } from './mod-fastdfs.ts'
import { nearestName } from './nearest-name.ts'
import { quote } from './quote.ts'
import { isReference } from './secrets.ts'
import { bySection } from './settings.ts'

export const ADDRESS_MAP = 'address_map'
export const VHOST = 'vhost'
/** Sections whose lines are no settings. */
const MAPS: readonly string[] = [ADDRESS_MAP, VHOST]
const GROUP_SECTION = /^group[0-9]{1,4}$/
const COMMENT_IN_VALUE = /\s#/

/** Is each line, taken by itself, a setting that exists, in its place, with a value that it takes? */
export function checkEntries(entries: readonly IniEntry[], findings: Findings): void {
  const named = new Set<string>()
  for (const [section, inSection] of bySection(entries)) {
    if (MAPS.includes(section)) faultStraySettings(inSection, findings)
    else if (section === '' || GROUP_SECTION.test(section)) {
      for (const entry of inSection) if (!findings.isFull) checkEntry(entry, named, findings)
      warnOfRepetitions(inSection, findings)
    } else {
      faultSection(section, inSection, findings)
    }
  }
}

/** `named` are the settings without effect that have had their warning. */
function checkEntry(entry: IniEntry, named: Set<string>, findings: Findings): void {
  const reason = reasonWithoutEffect(entry.name)
  if (reason !== undefined) {
    if (!named.has(entry.name)) findings.warn(entry, `${entry.name} has no effect: ${reason}`)
    named.add(entry.name)
    return
  }
  const name = directiveNamed(entry.name)
  if (name === undefined) findings.fault(entry, describeUnknown(entry.name))
  else if (entry.section !== '' && !GROUP_DIRECTIVES.includes(name)) {
    faultStray(entry, name, findings)
  } else {
    checkValue(entry, name, findings)
  }
}

function checkValue(entry: IniEntry, name: DirectiveName, findings: Findings): void {
  // Checked where it is read.
  if (isReference(name, entry.value)) return
  const { isSecret, expected, explain } = directive(name)
  const hasComment = COMMENT_IN_VALUE.test(entry.value)
  if (directive(name).accepts(entry.value)) {
    if (hasComment)
      findings.warn(entry, `${entry.name}: the # and what follows is part of the value`)
    return
  }
  const reason = explain(entry.value)
  if (reason !== undefined) {
    findings.fault(entry, `${entry.name}: ${reason}`)
    return
  }
  const given = isSecret ? 'the value' : quote(entry.value)
  const hint = hasComment ? ' (a comment needs a line of its own)' : ''
  findings.fault(entry, `${entry.name}: ${given} is not ${expected}${hint}`)
}

/** The lines of a map, without settings that have strayed into it and have had their fault. */
export function mapLines(
  sections: ReadonlyMap<string, readonly IniEntry[]>,
  section: string,
): IniEntry[] {
  return (sections.get(section) ?? []).filter(({ name }) => directiveNamed(name) === undefined)
}

function faultStraySettings(entries: readonly IniEntry[], findings: Findings): void {
  for (const entry of entries) {
    const name = directiveNamed(entry.name)
    if (name !== undefined) faultStray(entry, name, findings)
  }
}

function faultStray(entry: IniEntry, name: DirectiveName, findings: Findings): void {
  findings.fault(entry, `${name} belongs before the first section, not in [${entry.section}]`)
}

/** Not across files: to include a file and then to set something else is what includes are for. */
function warnOfRepetitions(entries: readonly IniEntry[], findings: Findings): void {
  const lines = new Map<string, IniEntry>()
  for (const entry of entries) {
    const name = directiveNamed(entry.name)
    if (name === undefined || directive(name).isRepeatable) continue
    const key = `${entry.name} ${entry.file}`
    const earlier = lines.get(key)
    if (earlier !== undefined) {
      findings.warn(earlier, `${entry.name} is set again in line ${entry.line}, which counts`)
    }
    lines.set(key, entry)
  }
}

function faultSection(section: string, [first]: readonly IniEntry[], findings: Findings): void {
  if (first === undefined) return
  const near = nearestName(section, [...MAPS, 'group1'])
  const hint = near === undefined ? '' : `; did you mean [${near}]?`
  findings.fault(first, `unknown section ${quote(section)}${hint}`)
}
