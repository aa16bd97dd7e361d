/** Adds a log to the error of a test that failed; the reporter prints its stack. */
export function addToFailure(test: unknown, log: () => string): void {
  const error: unknown = test instanceof Object && 'error' in test ? test.error : undefined
  if (!(error instanceof Error) || !(error.cause instanceof Error)) return
  error.cause.stack = `${error.cause.stack}\n${log()}`
}
