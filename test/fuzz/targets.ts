import type { FuzzTarget } from './target.ts'
import { DATES, ENTITY_TAGS, RANGES } from './targets/conditions.ts'
import { FILE_ID_TEXTS } from './targets/file-ids.ts'
import { HTTP_REQUESTS } from './targets/http-requests.ts'
import { REQUEST_URLS } from './targets/request-url.ts'
import { TOKENS } from './targets/tokens.ts'

/** Everything that takes what others write. */
export const TARGETS: readonly FuzzTarget[] = [
  REQUEST_URLS,
  FILE_ID_TEXTS,
  RANGES,
  ENTITY_TAGS,
  DATES,
  TOKENS,
  HTTP_REQUESTS,
]
