import type { Arguments } from '../../wire/mogilefs/arguments.ts'
import type { Connection } from '../connection.ts'
import type { FileLocks } from '../file-locks.ts'
import type { BackgroundWork } from './background-work.ts'
import type { DeviceDirs } from './device-dirs.ts'
import type { MetadataStore } from './metadata-store.ts'
import type { ObservedCluster, Zone } from './observed-cluster.ts'
import { type Reply, refusal } from './reply.ts'
import type { MogilefsdFaults } from './tracker-faults.ts'

/** What the daemons of one store share. */
export interface SharedStore {
  readonly store: MetadataStore
  readonly dirs: DeviceDirs
  readonly locks: FileLocks
  readonly work: BackgroundWork
  readonly nowSeconds: () => number
  /** Makes a device on the daemon of that host, if it is one of ours. */
  readonly addDevice: (devid: number, hostid: number) => Promise<void>
}

/** What the commands of a tracker work with. */
export interface TrackerContext extends SharedStore {
  readonly cluster: ObservedCluster
  readonly faults: MogilefsdFaults
  readonly connection: Connection
}

export type TrackerCommand = (tracker: TrackerContext, args: Arguments) => Reply | Promise<Reply>

export interface DomainRequest {
  readonly dmid: number
  readonly domain: string
  readonly args: Arguments
}

export interface KeyRequest extends DomainRequest {
  readonly key: string
}

/** A command on a domain, which must be there. */
export function onDomain(
  command: (tracker: TrackerContext, request: DomainRequest) => Reply | Promise<Reply>,
): TrackerCommand {
  return (tracker, args) => {
    const domain = args.get('domain') ?? ''
    if (domain === '') return refusal('no_domain')
    const dmid = tracker.store.domains.dmid(domain)
    return dmid === undefined ? refusal('unreg_domain') : command(tracker, { dmid, domain, args })
  }
}

/** A command on a key, which need not be there. */
export function onKey(
  command: (tracker: TrackerContext, request: KeyRequest) => Reply | Promise<Reply>,
): TrackerCommand {
  return onDomain((tracker, request) => {
    const key = request.args.get('key') ?? ''
    return key === '' ? refusal('no_key') : command(tracker, { ...request, key })
  })
}

/** Perl's truth: neither missing nor empty nor 0. */
export function isSet(args: Arguments, name: string): boolean {
  return !['', '0', undefined].includes(args.get(name))
}

/** Leading digits, as Perl reads a number; 0 for what has none. */
export function numberOf(args: Arguments, name: string): number {
  const number = Number.parseInt(args.get(name) ?? '', 10)
  return Number.isSafeInteger(number) ? number : 0
}

export function zoneOf({ connection }: TrackerContext, args: Arguments): Zone {
  return { isAlt: args.get('zone') === 'alt', clientAddress: connection.remoteAddress }
}
