import { openFastdfsCluster } from '../../src/app/fastdfs-cluster.ts'
import type { Address } from '../../src/client/address.ts'
import { defaultEdgeConf } from '../../src/config/index.ts'
import { formatFileId } from '../../src/wire/fastdfs/file-id.ts'
import type { FileName } from '../../src/wire/fastdfs/tracker-messages.ts'
import { randomContent } from '../support/random-content.ts'

/** What store-process.ts says of itself. */
export interface Store {
  readonly tracker: Address
  readonly storage: Address
  readonly storePath: string
}

export async function putFiles(
  { tracker, storage }: Store,
  { size, count }: { size: number; count: number },
): Promise<FileName[]> {
  const conf = { ...defaultEdgeConf(), trackerServers: [[tracker]] }
  const cluster = openFastdfsCluster(conf, () => undefined)
  const { signal } = new AbortController()
  const names: FileName[] = []
  for (let i = 0; i < count; i += 1) {
    const content = { size, chunks: [randomContent(size, i)] }
    const upload = { content, extName: 'jpg', storePathIndex: 0 }
    names.push(await cluster.storage.upload(storage, upload, signal))
  }
  cluster.close()
  return names
}

/** Of its URL. */
export function pathOf(file: FileName): string {
  return `/${formatFileId(file)}`
}
