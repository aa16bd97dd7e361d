import { NOT_FOUND_CACHE_CONTROL } from './error-response.ts'
import type { Description } from './file-headers.ts'
import type { EdgeResponse, HeaderList } from './message.ts'

// What nginx hears that has asked what a key stands for (`X-Dfs-Question`). It takes no other status than
// 200 for an answer (auth_request), so the one for the client stands in X-Dfs-Answer. Faults have their
// own status, and nginx goes on with what it heard before.

/** So long nginx keeps an answer: about two seconds, for it counts in whole ones. */
const KEPT_SECONDS = 1

/** The question was about something else: nginx has to ask as any client does. */
export const NO_KEY: EdgeResponse = answerWith('pass', 0, [])

export const KEY_NOT_FOUND: EdgeResponse = answerWith('404', KEPT_SECONDS, [
  'Cache-Control',
  NOT_FOUND_CACHE_CONTROL,
])

/** All that differs between keys of the same content; the content itself is asked for by its fid. */
export function formatKeyAnswer(
  { facts, contentType, cacheControl }: Omit<Description, 'validators' | 'whole'>,
  fid: number,
): EdgeResponse {
  const caching = cacheControl === '' ? [] : ['Cache-Control', cacheControl]
  return answerWith('200', KEPT_SECONDS, [
    ...['X-Dfs-Fid', `${fid}`],
    // For a purge, which finds the slices of the content by it.
    ...['X-Dfs-Size', `${facts.size}`],
    ...['Content-Type', contentType],
    ...caching,
  ])
}

function answerWith(answer: string, keptSeconds: number, headers: HeaderList): EdgeResponse {
  const kept = ['X-Accel-Expires', `${keptSeconds}`]
  return {
    status: 200,
    headers: ['X-Dfs-Answer', answer, ...kept, ...headers, 'Content-Length', '0'],
    body: null,
  }
}
