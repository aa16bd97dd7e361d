import type { Command } from 'commander'
import type { PurgeAnswer } from '../../admin/purge.ts'
import { parsePurgeTarget } from '../../admin/purge-target.ts'
import { formatAddress } from '../../client/address.ts'
import type { AdminConf } from '../../config/index.ts'
import { loadConf } from '../cluster-flags.ts'
import { CommandError, EXIT } from '../exit-code.ts'
import { printResult } from './output.ts'

interface PurgeFlags {
  readonly admin?: string
  readonly conf?: string
  readonly json?: boolean
}

interface AdminAccess {
  readonly url: string
  readonly token: string | undefined
}

const USUAL_ADMIN = 'http://127.0.0.1:8091'
/** To read through all of nginx's cache takes a minute for a million files. */
const DEADLINE_MS = 5 * 60_000

export function addPurgeCommand(program: Command): void {
  program
    .command('purge <targets...>')
    .usage('[options] URL|PREFIX*..')
    .description(
      "remove files from the caches of an edge and of nginx on its host: a URL, its path alone, or all below 'PATH/*'",
    )
    .option('--admin <url>', `the admin listener of the edge, instead of ${USUAL_ADMIN}`)
    .option('--conf <file>', 'take admin_listen and admin_token from this edge.conf')
    .option('--json', 'print an object for each target')
    .action(purgeAll)
}

async function purgeAll(targets: readonly string[], flags: PurgeFlags): Promise<void> {
  const access = accessOf(flags)
  for (const target of targets) {
    const { removed, error } = await purgeOne(access, target)
    const { locations, objects, nginx } = removed
    const line = `${target}: removed from nginx ${nginx}, from memory ${objects}, locations ${locations}`
    printResult(flags, line, { target, removed, ...(error && { error }) })
    if (error !== undefined) throw new CommandError(error)
  }
}

function accessOf({ admin, conf }: PurgeFlags): AdminAccess {
  const own = conf === undefined ? undefined : loadConf(conf).admin
  const url = admin ?? (own === undefined ? USUAL_ADMIN : urlOf(own))
  if (!URL.canParse('/purge', url)) throw new CommandError(`"${url}" is no URL`, EXIT.USAGE)
  return { url, token: own?.token }
}

const EVERYWHERE: { readonly [host: string]: string } = { '0.0.0.0': '127.0.0.1', '::': '::1' }

function urlOf({ listen }: AdminConf): string {
  return `http://${formatAddress({ ...listen, host: EVERYWHERE[listen.host] ?? listen.host })}`
}

async function purgeOne({ url, token }: AdminAccess, target: string): Promise<PurgeAnswer> {
  const { kind, ...body } = parsePurgeTarget(target)
  const response = await fetch(new URL('/purge', url), {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token !== undefined && { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(DEADLINE_MS),
  }).catch((cause) => {
    throw new CommandError(`no edge answers at ${url}: ${cause.cause?.message ?? cause.message}`)
  })
  const answer: unknown = await response.json().catch(() => undefined)
  if (isPurgeAnswer(answer)) return answer
  const isUsage = response.status === 400
  throw new CommandError(`${target}: ${errorIn(answer, response)}`, isUsage ? EXIT.USAGE : 1)
}

function isPurgeAnswer(answer: unknown): answer is PurgeAnswer {
  return typeof answer === 'object' && answer !== null && 'removed' in answer
}

function errorIn(answer: unknown, { status }: Response): string {
  const hasError = typeof answer === 'object' && answer !== null && 'error' in answer
  return hasError ? `${answer.error}` : `${status} from the admin listener`
}
