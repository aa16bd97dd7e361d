import { optional, repeated, single } from './directive.ts'
import {
  alternatives,
  boolean,
  choice,
  integer,
  matching,
  path,
  seconds,
  slashList,
} from './kind.ts'

/** fdfs_validate_group_name: letters and digits; at most 16, the width of the field. */
const GROUP_NAME = matching(
  /^[A-Za-z0-9]{1,16}$/,
  'string',
  'a group name of 1 to 16 letters and digits',
)

const FILE_EXTENSION = matching(/^[A-Za-z0-9]{1,16}$/, 'string', 'a file extension without its dot')

/** FastDFS's names, which are syslog's, and what they are for the logger. */
const LOG_LEVELS = {
  emerg: 'fatal',
  emergency: 'fatal',
  alert: 'fatal',
  crit: 'fatal',
  critical: 'fatal',
  err: 'error',
  error: 'error',
  warn: 'warn',
  warning: 'warn',
  notice: 'info',
  info: 'info',
  debug: 'debug',
} as const

/** Upstream knows proxy and redirect. */
const RESPONSE_MODES = { proxy: 'proxy', accel: 'accel', redirect: 'redirect' } as const

/** The settings of upstream's mod_fastdfs.conf that mean something here, under upstream's names. */
export const MOD_FASTDFS = {
  tracker_server: repeated(
    alternatives(22122),
    [],
    'A FastDFS tracker; two addresses of one tracker as ip1,ip2:port. One line for each tracker',
  ),
  connect_timeout: single(
    seconds(1, 300),
    '2',
    'How long a tracker or storage may take to accept a connection',
  ),
  network_timeout: single(
    seconds(1, 3600),
    '30',
    'How long a connection may stay silent in the middle of an answer',
  ),
  load_fdfs_parameters_from_tracker: single(
    boolean(),
    'true',
    "Learn the cluster's parameters and storage ids from a tracker",
  ),
  use_storage_id: single(
    boolean(),
    'false',
    'The cluster names its storages by id, and storage_ids_filename lists them',
  ),
  storage_ids_filename: single(
    path(),
    'storage_ids.conf',
    'The list of storage ids; read if use_storage_id is true',
  ),
  url_have_group_name: single(
    boolean(),
    'true',
    'URLs begin with the group; false: they begin with /M00 and mean group_name',
  ),
  group_name: optional(
    slashList(GROUP_NAME),
    'The group of the store paths here and of URLs without a group',
  ),
  storage_server_port: single(
    integer(1, 65535),
    '23000',
    'The port of the storage whose store paths are on this host',
  ),
  store_path_count: optional(
    integer(1, 256),
    'How many of store_path0, store_path1, ... are used; all of them if not set',
  ),
  store_path0: optional(
    path(),
    'A store path on this host, the folder that holds data; the next one is store_path1',
  ),
  group_count: single(
    integer(0, 256),
    '0',
    'How many of the sections [group1], [group2], ... are used, each with its own store paths',
  ),
  flv_support: single(boolean(), 'false', 'start= and end= seek in FLV files'),
  flv_extension: single(FILE_EXTENSION, 'flv', 'The file extension of FLV files'),
  response_mode: single(
    choice(RESPONSE_MODES),
    'proxy',
    "Who sends FastDFS's files: the edge (proxy), nginx from store paths here (accel), the storages (redirect)",
  ),
  log_level: single(choice(LOG_LEVELS), 'info', 'The least severity that is logged'),
} as const

/** What may stand in a section [groupN]. */
export const GROUP_DIRECTIVES: readonly string[] = [
  'group_name',
  'storage_server_port',
  'store_path_count',
  'store_path0',
] satisfies (keyof typeof MOD_FASTDFS)[]

/** Settings of mod_fastdfs.conf that have no effect here, and why. */
export const MOD_FASTDFS_WITHOUT_EFFECT: { readonly [name: string]: string } = {
  base_path: 'the log goes to standard output',
  log_filename: 'the log goes to standard output',
  storage_sync_file_max_delay: 'every storage that a tracker names is tried, however old the file',
  if_alias_prefix: 'the edge does not compare its own addresses with those in file ids',
  anti_steal_bypass_header_name: 'the edge lets nobody past the token check for a header',
  anti_steal_bypass_header_value: 'the edge lets nobody past the token check for a header',
  anti_steal_pass_header: 'the edge lets nobody past the token check for a header',
  anti_steal_pass_header_value: 'the edge lets nobody past the token check for a header',
}
