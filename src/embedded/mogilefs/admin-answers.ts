import type { RequestCounters } from '../request-counters.ts'

/** Whose protocol is spoken here. */
const VERSION = '2.73'

const HELP = [
  'Admin commands:',
  '',
  '    !version    Server version',
  '    !stats      What this tracker was asked',
  '',
]

export interface AdminContext {
  readonly counters: RequestCounters
  readonly uptimeSeconds: number
}

/** What `!version` and its like are answered with: lines, the last of them a dot. */
export function adminAnswer(command: string, tracker: AdminContext): string {
  return [...linesOf(command, tracker), '.'].map((line) => `${line}\r\n`).join('')
}

function linesOf(command: string, { counters, uptimeSeconds }: AdminContext): readonly string[] {
  if (command === '!version') return [VERSION]
  if (command !== '!stats') return HELP
  return [
    `uptime ${uptimeSeconds}`,
    'pending_queries 0',
    `processing_queries ${counters.connectionsOpen}`,
    `queries ${counters.allRequests}`,
  ]
}
