/** What the system refuses has an errno: a file that is not there, a disk that is full. */
export function isDiskError(error: unknown): error is Error & { readonly errno: unknown } {
  return error instanceof Error && 'errno' in error
}
