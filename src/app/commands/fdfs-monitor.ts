import type { Command } from 'commander'
import {
  type GroupStat,
  type StorageStat,
  storageStatusName,
} from '../../wire/fastdfs/tracker-messages.ts'
import { formatBytes } from '../byte-text.ts'
import type { ClusterFlags } from '../cluster-flags.ts'
import { addFastdfsFlags, withFastdfs } from '../open-fastdfs.ts'
import { never } from './never.ts'
import { formatTable, printResult } from './output.ts'

interface GroupReport extends GroupStat {
  readonly storages: readonly (StorageStat & { readonly statusName: string })[]
}

export function addMonitorCommand(fdfs: Command): void {
  addFastdfsFlags(fdfs.command('monitor'))
    .description('the groups of the cluster and the state of their storages')
    .option('--json', 'print an object')
    .action(monitor)
}

async function monitor(flags: ClusterFlags & { readonly json?: boolean }): Promise<void> {
  const groups = await withFastdfs(flags, async ({ tracker }) => {
    const stats = await tracker.listGroups(never())
    return Promise.all(
      stats.map(async (group): Promise<GroupReport> => {
        const { groupName, storageCount } = group
        const storages = (await tracker.listStorages(groupName, never(), storageCount)) ?? []
        const named = storages.map((one) => ({ ...one, statusName: storageStatusName(one.status) }))
        return { ...group, storages: named }
      }),
    )
  })
  printResult(flags, groups.map(formatGroup).join('\n\n') || 'no groups', { groups })
}

function formatGroup(group: GroupReport): string {
  const free = `${formatBytes(group.freeMb * 1024 ** 2)} of ${formatBytes(group.totalMb * 1024 ** 2)} free`
  const counts = `${group.storageCount} storages, ${group.readableServerCount} readable, ${group.writableServerCount} writable`
  const head = ['storage', 'state', 'version', 'free', 'uploads', 'downloads', 'heart beat']
  return `${group.groupName}: ${free}, ${counts}\n${formatTable(head, group.storages.map(formatStorage))}`
}

function formatStorage(storage: StorageStat): string[] {
  const { counters } = storage
  const { lastHeartBeatTime } = counters
  return [
    `${storage.ipAddr}:${storage.storagePort}`,
    storageStatusName(storage.status),
    storage.version,
    formatBytes(storage.freeMb * 1024 ** 2),
    `${counters.successUploadCount}`,
    `${counters.successDownloadCount}`,
    lastHeartBeatTime === 0 ? 'never' : new Date(lastHeartBeatTime * 1000).toISOString(),
  ]
}
