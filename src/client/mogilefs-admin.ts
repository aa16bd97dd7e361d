import type { ArgumentsToSend } from '../wire/mogilefs/arguments.ts'
import type { CommandName } from '../wire/mogilefs/commands.ts'
import type { MogilefsTrackers } from './mogilefs-trackers.ts'

export interface ClassSettings {
  readonly domain: string
  readonly className: string
  readonly mindevcount: number
  readonly replpolicy?: string | undefined
  /** `NONE`, `MD5`, `SHA-1`. */
  readonly hashtype?: string | undefined
}

export interface HostSettings {
  readonly hostname: string
  readonly ip?: string | undefined
  readonly port?: number | undefined
  readonly getport?: number | undefined
  readonly altip?: string | undefined
  readonly altmask?: string | undefined
  readonly status?: string | undefined
}

export interface DeviceName {
  readonly hostname: string
  readonly devid: number
}

/** What operators change of a cluster. What a tracker refuses throws EdgeError refused_by_server. */
export class MogilefsAdmin {
  readonly #trackers: MogilefsTrackers

  constructor(trackers: MogilefsTrackers) {
    this.#trackers = trackers
  }

  createDomain(domain: string, signal: AbortSignal): Promise<void> {
    return this.#change('create_domain', { domain }, signal)
  }

  deleteDomain(domain: string, signal: AbortSignal): Promise<void> {
    return this.#change('delete_domain', { domain }, signal)
  }

  createClass(settings: ClassSettings, signal: AbortSignal): Promise<void> {
    return this.#change('create_class', classArguments(settings), signal)
  }

  /** Gives an existing class other settings: all of them. */
  changeClass(settings: ClassSettings, signal: AbortSignal): Promise<void> {
    return this.#change('update_class', classArguments(settings), signal)
  }

  deleteClass(domain: string, className: string, signal: AbortSignal): Promise<void> {
    return this.#change('delete_class', { domain, class: className }, signal)
  }

  createHost(settings: HostSettings, signal: AbortSignal): Promise<void> {
    return this.#change('create_host', hostArguments(settings), signal)
  }

  /** Changes what is given. */
  updateHost(settings: HostSettings, signal: AbortSignal): Promise<void> {
    return this.#change('update_host', hostArguments(settings), signal)
  }

  deleteHost(hostname: string, signal: AbortSignal): Promise<void> {
    return this.#change('delete_host', { host: hostname }, signal)
  }

  createDevice(
    { hostname, devid, state }: DeviceName & { state: string },
    signal: AbortSignal,
  ): Promise<void> {
    return this.#change('create_device', { hostname, devid, state }, signal)
  }

  setState(
    { hostname, devid, state }: DeviceName & { state: string },
    signal: AbortSignal,
  ): Promise<void> {
    return this.#change('set_state', { host: hostname, device: devid, state }, signal)
  }

  setWeight(
    { hostname, devid, weight }: DeviceName & { weight: number },
    signal: AbortSignal,
  ): Promise<void> {
    return this.#change('set_weight', { host: hostname, device: devid, weight }, signal)
  }

  async #change(name: CommandName, args: ArgumentsToSend, signal: AbortSignal): Promise<void> {
    await this.#trackers.change({ name, args }, signal)
  }
}

/** A class without a policy has an empty one: a tracker takes a missing one for the old one. */
function classArguments(settings: ClassSettings): ArgumentsToSend {
  const { domain, className, mindevcount, replpolicy = '', hashtype } = settings
  return { domain, class: className, mindevcount, replpolicy, hashtype }
}

function hostArguments({ hostname, ...settings }: HostSettings): ArgumentsToSend {
  return { host: hostname, ...settings }
}
