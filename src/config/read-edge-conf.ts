import { readAddressMap } from './address-map.ts'
import { ADDRESS_MAP, checkEntries, mapLines, VHOST } from './check-entries.ts'
import { crossCheck, type PlaceOf } from './cross-checks.ts'
import { buildEdgeConf, type EdgeConf } from './edge-conf.ts'
import { type Fault, Findings } from './fault.ts'
import { readIniFile } from './ini-file.ts'
import { readMimeTypes, readStorageIds, readTokenCheckFail } from './linked-files.ts'
import { readLocalGroups } from './local-groups.ts'
import { checkMogilefs } from './mogilefs-checks.ts'
import { setAsideMogilefsd } from './mogilefsd-file.ts'
import { resolveSecrets } from './secrets.ts'
import { bySection, Settings } from './settings.ts'
import { readVhosts } from './vhosts.ts'

export interface EdgeConfRead {
  /** Undefined if there is any fault. */
  readonly conf: EdgeConf | undefined
  readonly faults: readonly Fault[]
  readonly warnings: readonly Fault[]
}

/**
 * Reads an edge.conf, or a mod_fastdfs.conf, mogilefs.conf or mogilefsd.conf as it stands: they
 * share one table of settings. Reports everything that is wrong at once and never throws. Waits for
 * the disk: for start and reload only.
 */
export function readEdgeConf(path: string): EdgeConfRead {
  const findings = new Findings()
  const lines = readIniFile(path, findings)
  // Without any file to speak of, all that could be said is what is missing in it.
  if (lines.length === 0 && findings.faults.length > 0) return report(undefined, findings)
  const entries = setAsideMogilefsd(lines, findings)
  checkEntries(entries, findings)
  const sections = bySection(entries)
  const settings = new Settings(resolveSecrets(sections.get('') ?? [], findings))
  const vhosts = mapLines(sections, VHOST)
  const conf = buildEdgeConf(settings, {
    localGroups: readLocalGroups(sections, findings),
    addressMap: readAddressMap(mapLines(sections, ADDRESS_MAP), findings),
    vhosts: readVhosts(vhosts, findings),
    storageIds: readStorageIds(path, settings, findings),
    mimeTypes: readMimeTypes(settings, findings),
    tokenCheckFail: readTokenCheckFail(settings, findings),
  })
  const placeOf: PlaceOf = (...names) =>
    names.flatMap((name) => settings.entryOf(name) ?? [])[0] ?? { file: path }
  crossCheck(conf, placeOf, findings)
  checkMogilefs(settings, vhosts, findings)
  return report(conf, findings)
}

function report(conf: EdgeConf | undefined, { faults, warnings }: Findings): EdgeConfRead {
  return { conf: faults.length === 0 ? conf : undefined, faults, warnings }
}
