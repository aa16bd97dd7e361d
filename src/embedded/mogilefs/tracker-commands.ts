import type { CommandName } from '../../wire/mogilefs/commands.ts'
import { createClose, createOpen } from './create-commands.ts'
import { createDevice, getDevices, setState, setWeight } from './device-commands.ts'
import {
  createClass,
  createDomain,
  deleteClass,
  deleteDomain,
  getDomains,
  updateClass,
} from './domain-commands.ts'
import { getPaths } from './get-paths.ts'
import { createHost, deleteHost, getHosts, updateHost } from './host-commands.ts'
import { deleteKey, rename, updateKeyClass } from './key-commands.ts'
import { fileDebug, fileInfo, listFids, listKeys, noop, sleep } from './look-up-commands.ts'
import {
  fsckStatus,
  rebalanceStatus,
  serverSetting,
  serverSettings,
  setServerSetting,
} from './settings-commands.ts'
import type { TrackerCommand } from './tracker-command.ts'

const COMMANDS: Readonly<Record<CommandName, TrackerCommand>> = {
  get_paths: getPaths,
  file_info: fileInfo,
  file_debug: fileDebug,
  list_keys: listKeys,
  list_fids: listFids,
  create_open: createOpen,
  create_close: createClose,
  delete: deleteKey,
  rename,
  updateclass: updateKeyClass,
  get_hosts: getHosts,
  create_host: createHost,
  update_host: updateHost,
  delete_host: deleteHost,
  get_devices: getDevices,
  create_device: createDevice,
  set_state: setState,
  set_weight: setWeight,
  get_domains: getDomains,
  create_domain: createDomain,
  delete_domain: deleteDomain,
  create_class: createClass,
  update_class: updateClass,
  delete_class: deleteClass,
  server_settings: serverSettings,
  server_setting: serverSetting,
  set_server_setting: setServerSetting,
  clear_cache: noop,
  fsck_status: fsckStatus,
  rebalance_status: rebalanceStatus,
  noop,
  sleep,
}

export const TRACKER_COMMANDS: ReadonlyMap<string, TrackerCommand> = new Map(
  Object.entries(COMMANDS),
)
