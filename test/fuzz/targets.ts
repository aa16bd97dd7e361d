import type { FuzzTarget } from './target.ts'
import { ADMIN_REQUESTS } from './targets/admin-requests.ts'
import { DATES, ENTITY_TAGS, RANGES } from './targets/conditions.ts'
import { CONFIG_FILES } from './targets/config-files.ts'
import { FASTDFS_MESSAGES, TRACKER_ANSWERS, TRACKER_KEYS } from './targets/decoders.ts'
import { FASTDFS_DAEMONS } from './targets/fastdfs-daemons.ts'
import { FILE_ID_TEXTS } from './targets/file-ids.ts'
import { HTTP_REQUESTS } from './targets/http-requests.ts'
import { LONG_TEXTS } from './targets/long-texts.ts'
import { MOGILEFS_DAEMONS } from './targets/mogilefs-daemons.ts'
import { REQUEST_URLS } from './targets/request-url.ts'
import { SQL_ANSWERS } from './targets/sql-answers.ts'
import { SQL_KEYS } from './targets/sql-keys.ts'
import { SQL_PACKETS } from './targets/sql-packets.ts'
import { TOKENS } from './targets/tokens.ts'

/** Everything that takes what others write. */
export const TARGETS: readonly FuzzTarget[] = [
  REQUEST_URLS,
  FILE_ID_TEXTS,
  RANGES,
  ENTITY_TAGS,
  DATES,
  TOKENS,
  FASTDFS_MESSAGES,
  TRACKER_ANSWERS,
  TRACKER_KEYS,
  CONFIG_FILES,
  LONG_TEXTS,
  ADMIN_REQUESTS,
  FASTDFS_DAEMONS,
  MOGILEFS_DAEMONS,
  HTTP_REQUESTS,
  SQL_KEYS,
  SQL_ANSWERS,
  SQL_PACKETS,
]
