/** What the system says of a connection when it is this process, or this host, that has no room for it. */
const LIMITS: ReadonlySet<unknown> = new Set(['EMFILE', 'ENFILE', 'EADDRNOTAVAIL', 'ENOBUFS'])

/** True where a connection did not come about, and its other end had no part in that. */
export function isLocalLimit(cause: unknown): boolean {
  if (cause instanceof AggregateError) return isLocalLimit(cause.errors[0])
  return cause instanceof Error && 'code' in cause && LIMITS.has(cause.code)
}
