import type { ListenerLimits } from './listener.ts'

/** What every embedded store may be told. */
export interface StoreOptions {
  readonly limits?: Partial<ListenerLimits>
  /** Milliseconds since 1970. */
  readonly now?: () => number
  /** Errors that neither a request nor a peer nor the disk can account for. */
  readonly onError?: (error: unknown) => void
}

/** Starts a store; when that fails nothing is left running. */
export async function startStore<T extends { start(): Promise<void>; close(): Promise<void> }>(
  store: T,
): Promise<T> {
  try {
    await store.start()
    return store
  } catch (error) {
    await store.close()
    throw error
  }
}
