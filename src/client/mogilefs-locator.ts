import { EdgeError } from '../errors.ts'
import type { ArgumentsToSend } from '../wire/mogilefs/arguments.ts'
import type { FidUrl } from '../wire/mogilefs/fid-path.ts'
import { decodeFileDebug } from '../wire/mogilefs/file-messages.ts'
import type { Observe } from './events.ts'
import type { MogilefsKey, MogilefsLookup } from './mogilefs-file.ts'
import { lookupOf, lookupOfDebug } from './mogilefs-lookup.ts'
import type { MogilefsTrackers, TrackerQuestion } from './mogilefs-trackers.ts'
import { judge, settle, type TrackerOutcome } from './mogilefs-verdict.ts'

/** More copies than any class keeps: failing over needs them all. */
const PATH_COUNT = 16

/** The arguments of GET_PATHS. Without `noverify` a tracker waits for storages that hang. */
export function pathsArguments({ domain, key }: MogilefsKey): ArgumentsToSend {
  return { domain, key, noverify: 1, pathcount: PATH_COUNT }
}

/** The copies that may be used. */
export type Vet = (copies: readonly FidUrl[]) => Promise<readonly FidUrl[]>

/** Finds out what a key names, in as many ways as it takes. */
export class MogilefsLocator {
  readonly #trackers: MogilefsTrackers
  readonly #observe: Observe
  readonly #zone: 'alt' | undefined

  constructor(
    trackers: MogilefsTrackers,
    { observe, zone }: { observe: Observe; zone: 'alt' | undefined },
  ) {
    this.#trackers = trackers
    this.#observe = observe
    this.#zone = zone
  }

  async locate(key: MogilefsKey, signal: AbortSignal, vet?: Vet): Promise<MogilefsLookup> {
    const outcome = await this.#trackers.ask(this.#question(key, vet), signal)
    const isAnswered = outcome.failures.some(({ code }) => ANSWERED.has(code))
    if (outcome.answer !== undefined || outcome.absent.length > 0 || !isAnswered) {
      return settle(outcome, 'get_paths')
    }
    const primary = await this.#askPrimary(key, signal, vet)
    const found = primary.answer === undefined ? undefined : settle(primary, 'file_debug')
    return found ?? settle(outcome, 'get_paths')
  }

  async locateOnPrimary(
    key: MogilefsKey,
    signal: AbortSignal,
    vet?: Vet,
  ): Promise<MogilefsLookup | undefined> {
    return settle(await this.#askPrimary(key, signal, vet), 'file_debug')
  }

  #question(key: MogilefsKey, vet: Vet | undefined): TrackerQuestion<MogilefsLookup> {
    const paths = { ...pathsArguments(key), zone: this.#zone }
    const info = { domain: key.domain, key: key.key }
    return {
      commands: [
        { name: 'get_paths', args: paths },
        { name: 'file_info', args: info },
      ],
      judge: ([paths, info], host) =>
        paths && info && lookupOf(paths, info, { host, observe: this.#observe }),
      vet: (lookup, host) => vetFile(lookup, host, vet),
    }
  }

  #askPrimary(
    key: MogilefsKey,
    signal: AbortSignal,
    vet: Vet | undefined,
  ): Promise<TrackerOutcome<MogilefsLookup | undefined>> {
    const question: TrackerQuestion<MogilefsLookup | undefined> = {
      commands: [{ name: 'file_debug', args: { ...key, zone: this.#zone } }],
      judge: ([answer], host) => {
        if (answer?.kind === 'error' && answer.code === 'unknown_command')
          return { value: undefined }
        const source = { host, observe: this.#observe }
        return answer && judge(answer, host, (args) => lookupOfDebug(decodeFileDebug(args), source))
      },
      vet: async (lookup, host) => lookup && vetFile(lookup, host, vet),
    }
    return this.#trackers.ask(question, signal)
  }
}

/** A tracker that names only what may not be used is no better than one that fails. */
async function vetFile(
  lookup: MogilefsLookup,
  host: string,
  vet: Vet | undefined,
): Promise<MogilefsLookup> {
  if (vet === undefined || typeof lookup === 'string' || lookup.copies.length === 0) return lookup
  const copies = await vet(lookup.copies)
  if (copies.length > 0) return { ...lookup, copies }
  const message = `${host} names only addresses that no tracker lists as hosts`
  throw new EdgeError('protocol_error', message, { host })
}

/**
 * Failures of trackers that live. GET_PATHS fails for a file with one copy on an unknown device, and
 * FILE_DEBUG leaves that copy out; answers that go on speaking of two fids come of a tracker with
 * memcached, and FILE_DEBUG asks the database.
 */
const ANSWERED: ReadonlySet<string> = new Set(['refused_by_server', 'protocol_error'])
