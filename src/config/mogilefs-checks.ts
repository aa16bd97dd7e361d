import { type DatabaseServer, parseDsn } from './db-dsn.ts'
import { directive } from './directives.ts'
import type { Findings } from './fault.ts'
import type { HostPort } from './host-port.ts'
import type { IniEntry } from './ini-file.ts'
import type { Settings } from './settings.ts'

const MISTAKABLE_PORTS = [
  { name: 'tracker_server', port: 7001, whose: "MogileFS's trackers, which stand in trackers" },
  { name: 'trackers', port: 22122, whose: "FastDFS's trackers, which stand in tracker_server" },
  { name: 'listen', port: 7001, whose: "MogileFS's trackers, not of the edge" },
] as const

/** What is right by itself and wrong together, of the settings for MogileFS. */
export function checkMogilefs(
  settings: Settings,
  vhosts: readonly IniEntry[],
  findings: Findings,
): void {
  checkResolve(settings, findings)
  checkTwins(settings, findings)
  warnOfIgnoredParts(settings, findings)
  warnOfSettingsInVain(settings, vhosts, findings)
  warnOfMistakenPorts(settings, findings)
}

function checkResolve(settings: Settings, findings: Findings): void {
  const entry = settings.entryOf('resolve')
  if (entry === undefined) return
  for (const way of settings.get('resolve') ?? []) {
    const needed = way === 'database' ? 'db_dsn' : 'trackers'
    if (settings.entryOf(needed) === undefined) {
      findings.fault(entry, `resolve names ${way}, but ${needed} is not set`)
    }
  }
}

/** The same daemon twice would be asked twice, the second time in vain. */
function checkTwins(settings: Settings, findings: Findings): void {
  const trackers = settings.get('trackers').flat().map(nameOf)
  const servers = settings.get('db_dsn').map(nameOf)
  for (const [name, addresses] of [
    ['trackers', trackers],
    ['db_dsn', servers],
  ] as const) {
    const entry = settings.entryOf(name)
    if (entry !== undefined && new Set(addresses).size < addresses.length) {
      findings.fault(entry, `${name} names a server twice`)
    }
  }
}

function nameOf(server: HostPort & Partial<DatabaseServer>): string {
  const { host, port, database = '', socketPath } = server
  return `${socketPath ?? `${host.toLowerCase()} ${port}`} ${database}`
}

function warnOfIgnoredParts(settings: Settings, findings: Findings): void {
  for (const entry of settings.entriesOf('db_dsn')) {
    const read = parseDsn(entry.value)
    const ignored = typeof read === 'object' ? read.ignored : []
    for (const part of ignored) findings.warn(entry, `db_dsn: ${part} in it has no effect`)
  }
}

function warnOfSettingsInVain(
  settings: Settings,
  [vhost]: readonly IniEntry[],
  findings: Findings,
): void {
  if (settings.entryOf('db_dsn') !== undefined) return
  for (const name of ['db_user', 'db_pass'] as const) {
    const entry = settings.entryOf(name)
    if (entry !== undefined) findings.warn(entry, `${name} has no effect without db_dsn`)
  }
  if (vhost !== undefined && settings.entryOf('trackers') === undefined) {
    findings.warn(vhost, '[vhost] has no effect: neither trackers nor db_dsn is set')
  }
}

/** Each system has trackers, each has its port, and who serves both may take one for the other. */
function warnOfMistakenPorts(settings: Settings, findings: Findings): void {
  for (const { name, port, whose } of MISTAKABLE_PORTS) {
    for (const entry of settings.entriesOf(name)) {
      const addresses: readonly HostPort[] = directive(name).read([entry.value]).flat()
      if (!addresses.some((address) => address.port === port)) continue
      findings.warn(entry, `${name}: port ${port} is that of ${whose}`)
    }
  }
}
