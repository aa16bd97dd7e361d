import type { Status } from './status.ts'

export interface Readiness {
  readonly ready: boolean
  /** Why not; none where it is. */
  readonly reasons: readonly string[]
}

/**
 * Ready is an edge that can find files: some tracker or database answers, or what it remembers still
 * serves. One without any, whose files lie on this host, is always.
 */
export function readinessOf({ clusters, total, processes }: Status): Readiness {
  if (processes.length === 0) return { ready: false, reasons: ['no edge process answers'] }
  const asked = daemonsOf(clusters)
  const reasons = asked.flatMap(({ name, error }) =>
    error === null ? [] : `${name} does not answer: ${error}`,
  )
  const isFound = asked.length === 0 || reasons.length < asked.length
  const isRemembered = total.caches.some(
    ({ name, entries }) => name !== 'verify pool' && entries > 0,
  )
  return isFound || isRemembered ? { ready: true, reasons: [] } : { ready: false, reasons }
}

interface Daemon {
  readonly name: string
  readonly error: string | null
}

/** Those that can tell where a file is. */
function daemonsOf({ fastdfs, mogilefs, databases }: Status['clusters']): readonly Daemon[] {
  const trackers = [
    ...(fastdfs?.trackers ?? []),
    // A tracker without its database answers, and knows no file.
    ...(mogilefs?.trackers ?? []).map((it) => ({ ...it, error: it.error ?? it.databaseError })),
  ]
  return [
    ...trackers.map(({ tracker, error }) => ({ name: `tracker ${tracker}`, error })),
    ...databases.map(({ host, error }) => ({ name: `database ${host}`, error })),
  ]
}
