import type { Outcome } from '../client/first-answer.ts'
import { EdgeError } from '../errors.ts'

/**
 * What it means that no replica gave an answer. "Not found" is believed where every replica said so
 * or the live source did; a replica that could not be asked makes it a failure.
 * @throws EdgeError replicas_failed, replicas_timed_out, overloaded
 */
export function requireNotFound(
  { absent, failures }: Pick<Outcome<unknown>, 'absent' | 'failures'>,
  source: string | null,
): void {
  const [first] = failures
  if (first === undefined || (source !== null && absent.includes(source))) return
  if (failures.every(({ code }) => code === 'pool_exhausted' || code === 'overloaded')) {
    throw new EdgeError('overloaded', 'no connection to the storages is to be had', {
      cause: first,
    })
  }
  const isTimeout = failures.every(({ code }) => code === 'timeout' || code === 'too_slow')
  const hosts = failures.map(({ host, message }) => `${host ?? 'a replica'}: ${message}`).join('; ')
  const code = isTimeout ? 'replicas_timed_out' : 'replicas_failed'
  const cause = failures.find((failure) => failure.code === 'wrong_content') ?? first
  throw new EdgeError(code, `no replica gave the file: ${hosts}`, { cause })
}
