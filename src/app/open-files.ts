import { readFileSync } from 'node:fs'
import type { ClientsConf } from '../config/clients.ts'

/** Listeners, logs, pipes to the primary, what Node itself keeps open. */
const OWN_FILES = 64
/** Each client may need a connection to a storage; half as many again are told that there is no room. */
const FILES_PER_CLIENT = 2.5

/** How many files and connections a process may have open at once; undefined where nobody tells. */
export function openFilesMax(): number | undefined {
  try {
    return readOpenFilesMax(readFileSync('/proc/self/limits', 'utf8'))
  } catch {
    return undefined
  }
}

/** `Max open files            1024                 1048576              files`, the soft limit first. */
export function readOpenFilesMax(limits: string): number | undefined {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? []
  return soft === undefined ? undefined : Number(soft)
}

/**
 * As many connections of clients as are configured, or as leave files for storages: where all are used up
 * the kernel would take connections that nobody can answer.
 */
export function clientConnectionsMax(
  { maxConnections }: Pick<ClientsConf, 'maxConnections'>,
  openFiles: number | undefined,
): number {
  if (openFiles === undefined) return maxConnections
  const room = Math.floor((openFiles - OWN_FILES) / FILES_PER_CLIENT)
  return Math.max(1, Math.min(maxConnections, room))
}
