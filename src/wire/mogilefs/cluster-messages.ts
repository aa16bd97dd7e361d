import {
  type Arguments,
  type ArgumentsToSend,
  countOf,
  listOf,
  optionalCountOf,
  textOf,
} from './arguments.ts'

/** `alive`, `down`, `dead`, `readonly`, for devices `drain` as well. */
export type HostStatus = 'alive' | 'down' | 'dead' | 'readonly'
export type DeviceStatus = HostStatus | 'drain'

export interface Host {
  readonly hostid: number
  readonly hostname: string
  readonly hostip: string
  readonly status: string
  readonly httpPort: number
  /** Where it differs from `httpPort` for reading. */
  readonly httpGetPort: number | null
  readonly altip: string | null
  readonly altmask: string | null
}

export interface Device {
  readonly devid: number
  readonly hostid: number
  readonly status: string
  /** What this tracker has seen: `writeable`, `readable`, `unreachable`; empty while unknown. */
  readonly observedState: string
  readonly weight: number
  /** Of 1024 * 1024 bytes. */
  readonly mbTotal: number
  readonly mbUsed: number
}

export interface FileClass {
  readonly name: string
  readonly mindevcount: number
  readonly replpolicy: string
  /** `NONE`, `MD5`, `SHA-1`. */
  readonly hashtype: string
}

export interface Domain {
  readonly name: string
  /** `default` is one of them. */
  readonly classes: readonly FileClass[]
}

/** `hosts=N hostN_hostid= hostN_hostip= ..` */
export function decodeHosts(args: Arguments): readonly Host[] {
  return records(args, 'hosts', 'host').map((host) => ({
    hostid: countOf(host, 'hostid'),
    hostname: textOf(host, 'hostname'),
    hostip: textOf(host, 'hostip'),
    status: textOf(host, 'status'),
    httpPort: countOf(host, 'http_port'),
    httpGetPort: optionalCountOf(host, 'http_get_port') || null,
    altip: host.get('altip') || null,
    altmask: host.get('altmask') || null,
  }))
}

export function encodeHosts(hosts: readonly Host[]): ArgumentsToSend {
  return encodeRecords('hosts', 'host', hosts, (host) => ({
    hostid: host.hostid,
    hostname: host.hostname,
    hostip: host.hostip,
    status: host.status,
    http_port: host.httpPort,
    http_get_port: host.httpGetPort ?? '',
    altip: host.altip ?? '',
    altmask: host.altmask ?? '',
  }))
}

/** `devices=N devN_devid= devN_hostid= ..` */
export function decodeDevices(args: Arguments): readonly Device[] {
  return records(args, 'devices', 'dev').map((device) => ({
    devid: countOf(device, 'devid'),
    hostid: countOf(device, 'hostid'),
    status: textOf(device, 'status'),
    observedState: device.get('observed_state') ?? '',
    weight: Number(device.get('weight') || 0),
    mbTotal: optionalCountOf(device, 'mb_total') ?? 0,
    mbUsed: optionalCountOf(device, 'mb_used') ?? 0,
  }))
}

export function encodeDevices(devices: readonly Device[]): ArgumentsToSend {
  return encodeRecords('devices', 'dev', devices, (device) => ({
    devid: device.devid,
    hostid: device.hostid,
    status: device.status,
    observed_state: device.observedState,
    weight: device.weight,
    mb_total: device.mbTotal,
    mb_used: device.mbUsed,
    mb_free: device.mbTotal - device.mbUsed,
    utilization: '',
  }))
}

/** `domains=N domainN= domainNclasses=M domainNclassMname= ..` */
export function decodeDomains(args: Arguments): readonly Domain[] {
  return listOf(args, 'domains', (n) => ({
    name: textOf(args, `domain${n}`),
    classes: listOf(args, `domain${n}classes`, (inner) =>
      decodeClass(args, `domain${n}class${inner}`),
    ),
  }))
}

function decodeClass(args: Arguments, prefix: string): FileClass {
  return {
    name: textOf(args, `${prefix}name`),
    mindevcount: countOf(args, `${prefix}mindevcount`),
    replpolicy: args.get(`${prefix}replpolicy`) ?? '',
    hashtype: args.get(`${prefix}hashtype`) || 'NONE',
  }
}

export function encodeDomains(domains: readonly Domain[]): ArgumentsToSend {
  const entries = domains.flatMap(({ name, classes }, index) => {
    const prefix = `domain${index + 1}`
    const pairs = classes.flatMap((it, inner) => encodeClass(it, `${prefix}class${inner + 1}`))
    return [[prefix, name] as const, [`${prefix}classes`, classes.length] as const, ...pairs]
  })
  return { domains: domains.length, ...Object.fromEntries(entries) }
}

function encodeClass(it: FileClass, prefix: string): (readonly [string, string | number])[] {
  return [
    [`${prefix}name`, it.name],
    [`${prefix}mindevcount`, it.mindevcount],
    [`${prefix}replpolicy`, it.replpolicy],
    [`${prefix}hashtype`, it.hashtype],
  ]
}

function encodeRecords<T>(
  countName: string,
  prefix: string,
  items: readonly T[],
  fieldsOf: (item: T) => ArgumentsToSend,
): ArgumentsToSend {
  const entries = items.flatMap((item, index) =>
    Object.entries(fieldsOf(item)).map(
      ([field, value]) => [`${prefix}${index + 1}_${field}`, value] as const,
    ),
  )
  return { [countName]: items.length, ...Object.fromEntries(entries) }
}

/** The fields of `host1_`, `host2_` .., each without its prefix. */
function records(args: Arguments, countName: string, prefix: string): Map<string, string>[] {
  const records = listOf(args, countName, () => new Map<string, string>())
  const pattern = new RegExp(`^${prefix}([0-9]+)_(.+)$`)
  for (const [name, value] of args) {
    const [, number, field = ''] = pattern.exec(name) ?? []
    records[Number(number) - 1]?.set(field, value)
  }
  return records
}
