import type { Address } from '../../client/address.ts'
import { type FileId, formatFileId } from '../../wire/fastdfs/file-id.ts'
import { CommandError } from '../exit-code.ts'
import type { FastdfsCluster } from '../fastdfs-cluster.ts'
import { never } from './never.ts'

/** The storage that changes of a file go to. @throws CommandError for an unknown group */
export async function findSource(cluster: FastdfsCluster, id: FileId): Promise<Address> {
  const list = await cluster.tracker.queryUpdate(id, never())
  const [server] = list?.servers ?? []
  if (server === undefined) throw new CommandError(`no storage of group ${id.groupName} is known`)
  return cluster.addressMap.reachable({ host: server.ipAddr, port: server.port })
}

export function notFound(id: FileId): CommandError {
  return new CommandError(`${formatFileId(id)} is not there`)
}
