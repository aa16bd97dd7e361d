import type { EdgeEvent } from '../client/events.ts'
import type { ErrorCode } from '../errors.ts'

/** What happened with one host since the start. */
export interface HostCount {
  readonly failures: ReadonlyMap<ErrorCode, number>
  readonly silences: number
  readonly wrongContents: number
  /** Times that another host gave what it did not. */
  readonly failovers: number
  /** Streams that broke there and went on elsewhere. */
  readonly resumes: number
}

interface Count extends HostCount {
  readonly failures: Map<ErrorCode, number>
  silences: number
  wrongContents: number
  failovers: number
  resumes: number
}

/** Only addresses that were configured, or that a tracker has listed: few, but a cluster may be odd. */
const HOSTS_MAX = 300
/** What all further hosts are counted under. */
export const OTHER_HOSTS = 'other'

const DEVICE = /^(.+:\d+)\/dev\d+$/

/** Under which name a host is told of. */
export class HostLabels {
  readonly #hosts = new Set<string>()

  of(host: string): string {
    if (this.#hosts.has(host)) return host
    if (this.#hosts.size >= HOSTS_MAX) return OTHER_HOSTS
    this.#hosts.add(host)
    return host
  }
}

/** Counts what the events say, by host. */
export class HostCounts {
  readonly #labels: HostLabels
  readonly #counts = new Map<string, Count>()

  constructor(labels: HostLabels = new HostLabels()) {
    this.#labels = labels
  }

  get byHost(): ReadonlyMap<string, HostCount> {
    return this.#counts
  }

  of(host: string): HostCount | undefined {
    return this.#counts.get(host)
  }

  note(event: EdgeEvent): void {
    switch (event.type) {
      case 'host_failed': {
        const { failures } = this.#countOf(event.host)
        failures.set(event.error.code, (failures.get(event.error.code) ?? 0) + 1)
        break
      }
      case 'host_silent':
        this.#countOf(event.host).silences += 1
        break
      case 'wrong_content':
        this.#countOf(hostOfPlace(event.host)).wrongContents += 1
        break
      case 'failed_over':
        this.#countOf(event.from).failovers += 1
        break
      case 'resumed':
        this.#countOf(event.from).resumes += 1
        break
    }
  }

  #countOf(name: string): Count {
    const host = this.#labels.of(name)
    const known = this.#counts.get(host)
    if (known !== undefined) return known
    const none = { silences: 0, wrongContents: 0, failovers: 0, resumes: 0 }
    const count = { failures: new Map<ErrorCode, number>(), ...none }
    this.#counts.set(host, count)
    return count
  }
}

/** A device is counted with its host. */
function hostOfPlace(place: string): string {
  return DEVICE.exec(place)?.[1] ?? place
}

export function sumOf(counts: ReadonlyMap<unknown, number>): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0)
}
