import type { Command } from 'commander'
import { formatBytes } from '../../admin/byte-text.ts'
import { type StorageStat, storageStatusName } from '../../wire/fastdfs/tracker-messages.ts'
import type { ClusterFlags } from '../cluster-flags.ts'
import { type GroupView, listGroupViews } from '../fastdfs-survey.ts'
import { addFastdfsFlags, withFastdfs } from '../open-fastdfs.ts'
import { never } from './never.ts'
import { formatTable, printResult } from './output.ts'

export function addMonitorCommand(fdfs: Command): void {
  addFastdfsFlags(fdfs.command('monitor'))
    .description('the groups of the cluster and the state of their storages')
    .option('--json', 'print an object')
    .action(monitor)
}

async function monitor(flags: ClusterFlags & { readonly json?: boolean }): Promise<void> {
  const views = await withFastdfs(flags, ({ tracker }) => listGroupViews(tracker, never()))
  const groups = views.map(({ storages, ...group }) => ({
    ...group,
    storages: storages.map((one) => ({ ...one, statusName: storageStatusName(one.status) })),
  }))
  printResult(flags, groups.map(formatGroup).join('\n\n') || 'no groups', { groups })
}

function formatGroup(group: GroupView): string {
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
