import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import { type HostPort, parseHostPort, parseHosts } from './host-port.ts'

/** A kind of value that a setting takes. */
export interface Kind<T> {
  /** For the table of settings: `seconds`. */
  readonly label: string
  /** Ends the sentence "... is not": `a whole number of seconds from 1 to 300`. */
  readonly expected: string
  /** Undefined: `text` is no such value. */
  parse(text: string): T | undefined
  /** A sentence on a wrong text, where it can say more than `expected` and shows no secret. */
  explain?(text: string): string | undefined
}

const TRUE = ['yes', 'true', 'on', '1']
const FALSE = ['no', 'false', 'off', '0']
const UNITS: { readonly [unit: string]: number } = {
  '': 1,
  B: 1,
  K: 1024,
  KB: 1024,
  M: 1024 ** 2,
  MB: 1024 ** 2,
  G: 1024 ** 3,
  GB: 1024 ** 3,
}

export function integer(min: number, max: number, unit = ''): Kind<number> {
  return {
    label: unit === '' ? 'number' : unit,
    expected: `a whole number${unit === '' ? '' : ` of ${unit}`} from ${min} to ${max}`,
    parse: (text) => (/^[0-9]{1,12}$/.test(text) ? within(Number(text), min, max) : undefined),
  }
}

export function seconds(min: number, max: number): Kind<number> {
  return integer(min, max, 'seconds')
}

export function milliseconds(min: number, max: number): Kind<number> {
  return integer(min, max, 'milliseconds')
}

/** A number of processes; `auto` is one for each core. */
export function processes(max: number): Kind<number> {
  const { parse } = integer(1, max)
  return {
    label: 'number or auto',
    expected: `auto, or a whole number from 1 to ${max}`,
    parse: (text) =>
      text.toLowerCase() === 'auto' ? Math.min(max, availableParallelism()) : parse(text),
  }
}

export function bytes(min: number, max: number): Kind<number> {
  return {
    label: 'bytes',
    expected: `a size from ${formatBytes(min)} to ${formatBytes(max)}, such as 65536, 64KB or 1MB`,
    parse(text) {
      const [, digits, unit = ''] = /^([0-9]{1,12}) *([A-Za-z]{0,2})$/.exec(text) ?? []
      const factor = UNITS[unit.toUpperCase()]
      if (digits === undefined || factor === undefined) return undefined
      return within(Number(digits) * factor, min, max)
    },
  }
}

/** FastDFS takes any other word for false; here it is a fault. */
export function boolean(): Kind<boolean> {
  return {
    label: 'boolean',
    expected: 'one of yes, true, on, 1, no, false, off, 0',
    parse(text) {
      const word = text.toLowerCase()
      return TRUE.includes(word) ? true : FALSE.includes(word) ? false : undefined
    },
  }
}

export function choice<const T extends string>(words: { readonly [word: string]: T }): Kind<T> {
  const names = Object.keys(words)
  return {
    label: 'word',
    expected: `one of ${names.join(', ')}`,
    parse: (text) => words[names.find((name) => name === text.toLowerCase()) ?? ''],
  }
}

export function matching(pattern: RegExp, label: string, expected: string): Kind<string> {
  return { label, expected, parse: (text) => (pattern.test(text) ? text : undefined) }
}

/** What may stand in a header of a response; empty: the header is not sent. */
export function headerValue(): Kind<string> {
  return matching(/^[ -~]{0,1024}$/, 'string', 'printable ASCII of at most 1024 characters')
}

/** A file or folder; a relative one is found from the file in which it stands. */
export function path(): Kind<string> {
  return matching(/^.{1,4096}$/s, 'path', 'a path')
}

/** An address, or all that begin with the same bits. */
export function network(): Kind<string> {
  return {
    label: 'network',
    expected: 'an IP address or a network such as 10.0.0.0/8',
    parse(text) {
      const [, address = '', prefix = '0'] = /^([^/]+)(?:\/([0-9]{1,3}))?$/.exec(text) ?? []
      const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
      return Number(prefix) <= bits ? text : undefined
    },
  }
}

/** Items parted by `/`, as in `group_name = group1/group2`. */
export function slashList(item: Kind<string>): Kind<readonly string[]> {
  return {
    label: 'list',
    expected: `${item.expected}, or several with / between them`,
    parse(text) {
      const items = text.split('/').flatMap((part) => item.parse(part.trim()) ?? [])
      return items.length === text.split('/').length ? items : undefined
    },
  }
}

export function hostPort(): Kind<HostPort> {
  return {
    label: 'host:port',
    expected: 'host:port with a port from 1 to 65535 (an IPv6 address in brackets)',
    parse(text) {
      const { host, port } = parseHostPort(text) ?? {}
      return host === undefined || port === undefined ? undefined : { host, port }
    },
  }
}

/** All addresses of one daemon: `host`, `host:port`, `host1,host2:port`. */
export function alternatives(defaultPort: number): Kind<readonly HostPort[]> {
  return {
    label: 'host:port',
    expected: `host or host:port (without a port: ${defaultPort}; an IPv6 address in brackets)`,
    parse(text) {
      const { hosts, port = defaultPort } = parseHosts(text) ?? {}
      return hosts?.map((host) => ({ host, port }))
    },
  }
}

/** What a browser sends as Origin. Empty is allowed and means none. */
export function origin(): Kind<string> {
  return {
    label: 'origin',
    expected: '*, or scheme://host[:port] without a path or a slash at the end',
    parse(text) {
      if (text === '' || text === '*') return text
      if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*,\\]+$/i.test(text) || !URL.canParse(text))
        return undefined
      const { origin } = new URL(text)
      // Browsers know no origin of schemes such as capacitor:, WebViews do and send it as it is.
      return origin === 'null' ? text.toLowerCase() : origin
    },
  }
}

function within(value: number, min: number, max: number): number | undefined {
  return value >= min && value <= max ? value : undefined
}

function formatBytes(size: number): string {
  const unit = ['GB', 'MB', 'KB'].find((name) => size > 0 && size % (UNITS[name] ?? 1) === 0) ?? ''
  return `${size / (UNITS[unit] ?? 1)}${unit}`
}
