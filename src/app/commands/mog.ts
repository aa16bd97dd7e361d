import type { Command } from 'commander'
import { addMogCheckCommand } from './mog-check.ts'
import { addMogDomainCommands } from './mog-domains.ts'
import { addMogFetchCommand } from './mog-fetch.ts'
import { addMogInfoCommand } from './mog-info.ts'
import { addMogListCommand } from './mog-list.ts'
import { addMogStatsCommand } from './mog-stats.ts'
import { addMogWriteCommands } from './mog-write.ts'

/** Everything about MogileFS. */
export function addMogCommands(mog: Command): void {
  addMogWriteCommands(mog)
  addMogFetchCommand(mog)
  addMogInfoCommand(mog)
  addMogListCommand(mog)
  addMogCheckCommand(mog)
  addMogStatsCommand(mog)
  addMogDomainCommands(mog)
}
