import type { Content } from '../client/content.ts'
import type { MogilefsKey } from '../client/mogilefs-file.ts'
import { asEdgeError, EdgeError } from '../errors.ts'
import { parseFidUrl } from '../wire/mogilefs/fid-path.ts'
import type { Destination } from '../wire/mogilefs/file-messages.ts'
import type { MogilefsCluster } from './mogilefs-cluster.ts'

export interface NewFile extends MogilefsKey {
  /** The domain's default where there is none. */
  readonly className?: string | undefined
  /** The content from its beginning: once for each device that has to be tried. */
  readonly read: () => Promise<Content>
}

export interface StoredFile {
  readonly fid: number
  readonly devid: number
  /** Bytes. */
  readonly size: number
}

/**
 * Puts a file onto the first device that takes it, of those that the tracker names, and makes it what
 * its key names. Replication is the tracker's work.
 * @throws EdgeError no_tracker, refused_by_server; replicas_failed where no device takes it
 */
export async function uploadFile(
  cluster: MogilefsCluster,
  { domain, key, className, read }: NewFile,
  signal: AbortSignal,
): Promise<StoredFile> {
  const { tracker } = cluster
  const { fid, destinations } = await tracker.createOpen({ domain, key, className }, signal)
  const failures: EdgeError[] = []
  for (const destination of destinations) {
    const content = await read()
    const failure = await put(cluster, { destination, content }, signal)
    if (failure !== null) {
      failures.push(failure)
      continue
    }
    const { devid, path } = destination
    const { size } = content
    await tracker.createClose({ domain, key, fid, devid, path, size }, signal)
    return { fid, devid, size }
  }
  const why = failures.map(({ message }) => message).join('; ') || 'the tracker names none'
  throw new EdgeError('replicas_failed', `no device takes the file: ${why}`)
}

/** Null when the device has it; why another one may do better when it has not. */
async function put(
  { http, addressMap }: MogilefsCluster,
  { destination, content }: { destination: Destination; content: Content },
  signal: AbortSignal,
): Promise<EdgeError | null> {
  const copy = parseFidUrl(destination.path)
  if (copy === undefined) {
    return new EdgeError('protocol_error', `"${destination.path}" is no URL of a fid`)
  }
  try {
    await http.put({ ...copy, ...addressMap.reachable(copy) }, content, signal)
    return null
  } catch (thrown) {
    const error = asEdgeError(thrown)
    if (error.code === 'aborted') throw error
    return error
  }
}
