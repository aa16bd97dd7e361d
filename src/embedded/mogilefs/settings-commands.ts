import { answer, DONE, refusal } from './reply.ts'
import { isSet, type TrackerCommand } from './tracker-command.ts'

/**
 * What may be set, and how a value must be written (`MogileFS::Config: server_setting_is_writable`).
 * It is kept and shown; nothing here depends on it.
 */
const WRITABLE: Readonly<Record<string, RegExp>> = {
  case_sensitive_list_keys: /^/,
  fsck_checksum: /^/,
  internal_queue_limit: /^[0-9]*$/,
  memcache_servers: /^/,
  memcache_ttl: /^[0-9]*$/,
  network_zones: /^/,
  skip_devcount: /^/,
  skip_mkcol: /^/,
}

/** SERVER_SETTINGS => key_count key_1 value_1 .. */
export const serverSettings: TrackerCommand = ({ store }) => {
  const settings = store.settings.all()
  const pairs = settings.flatMap(([field, value], index) => [
    [`key_${index + 1}`, field],
    [`value_${index + 1}`, value],
  ])
  return answer({ key_count: settings.length, ...Object.fromEntries(pairs) })
}

/** SERVER_SETTING key => key value */
export const serverSetting: TrackerCommand = ({ store }, args) => {
  const key = args.get('key') ?? ''
  if (!isSet(args, 'key')) return refusal('bad_params')
  return answer({ key, value: store.settings.of(key) ?? '' })
}

/** SET_SERVER_SETTING key value => */
export const setServerSetting: TrackerCommand = ({ store }, args) => {
  const key = args.get('key') ?? ''
  const value = args.get('value') ?? ''
  if (!isSet(args, 'key')) return refusal('bad_params')
  const form = Object.hasOwn(WRITABLE, key) ? WRITABLE[key] : undefined
  if (form === undefined) return refusal('not_writable')
  if (!form.test(value)) return refusal('invalid_format')
  store.settings.set(key, value)
  return DONE
}

/** Files are looked after all the time here; a check of them all is never started. */
export const fsckStatus: TrackerCommand = ({ nowSeconds }) =>
  answer({
    running: 0,
    host: '',
    start_time: 0,
    stop_time: 0,
    current_time: nowSeconds(),
    policy_only: 0,
    max_fid_checked: 0,
    end_fid: 0,
    max_logid: 0,
  })

export const rebalanceStatus: TrackerCommand = () => refusal('no_rebal_state')
