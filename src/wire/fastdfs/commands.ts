/** Command numbers of FastDFS (`tracker_proto.h`), as far as dfs-edge asks or answers them. */
export const COMMAND = {
  // to a storage
  UPLOAD_FILE: 11,
  DELETE_FILE: 12,
  SET_METADATA: 13,
  DOWNLOAD_FILE: 14,
  GET_METADATA: 15,
  UPLOAD_SLAVE_FILE: 21,
  QUERY_FILE_INFO: 22,
  UPLOAD_APPENDER_FILE: 23,
  APPEND_FILE: 24,
  MODIFY_FILE: 34,
  TRUNCATE_FILE: 36,
  REGENERATE_APPENDER_FILENAME: 38,
  // to a tracker
  FETCH_STORAGE_IDS: 69,
  STORAGE_PARAMETER_REQ: 75,
  SERVER_LIST_ONE_GROUP: 90,
  SERVER_LIST_ALL_GROUPS: 91,
  SERVER_LIST_STORAGE: 92,
  QUERY_STORE_WITHOUT_GROUP_ONE: 101,
  QUERY_FETCH_ONE: 102,
  QUERY_UPDATE: 103,
  QUERY_STORE_WITH_GROUP_ONE: 104,
  QUERY_FETCH_ALL: 105,
  QUERY_STORE_WITHOUT_GROUP_ALL: 106,
  QUERY_STORE_WITH_GROUP_ALL: 107,
  // to either
  QUIT: 82,
  RESPONSE: 100,
  ACTIVE_TEST: 111,
} as const

export type CommandName = keyof typeof COMMAND

const NAMES = new Map<number, string>(Object.entries(COMMAND).map(([name, code]) => [code, name]))

/** `QUERY_FETCH_ALL (105)`, for messages; a number without a name stays a number. */
export function commandName(command: number): string {
  const name = NAMES.get(command)
  return name === undefined ? `command ${command}` : `${name} (${command})`
}
