/** Nobody but the one who typed the command can end it, and that ends the process. */
export function never(): AbortSignal {
  return new AbortController().signal
}
