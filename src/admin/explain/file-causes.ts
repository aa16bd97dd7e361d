import type { Cause } from './cause.ts'

// What files, storages, trackers and databases decide.

export const NOT_FOUND = {
  no_file: {
    status: 404,
    sentence: 'The path names no file: {systems}.',
  },
  group_missing: {
    status: 404,
    sentence:
      'The URL has no group in front of {store}, and url_have_group_name is true: write /GROUP{path}, or set url_have_group_name = false and group_name.',
  },
  fastdfs_shape: {
    status: 404,
    sentence:
      '{path} is no FastDFS id, because {reason}, and MogileFS is not configured: correct the link, or set trackers or db_dsn if this is a MogileFS key.',
  },
  fastdfs_off: {
    status: 404,
    sentence:
      '{path} looks like a FastDFS id, but FastDFS is not configured: set tracker_server to its trackers, host:22122.',
  },
  key_missing: {
    status: 404,
    sentence:
      'The path ends where the key should follow: MogileFS URLs are /domain/key, or the key alone on a host that [vhost] gives a domain.',
  },
  metadata_name: {
    status: 404,
    sentence:
      'The name ends with -m, which is where FastDFS keeps metadata, and that is not public: read it with `dfs-edge fdfs metadata ID`, or take the -m away.',
  },
  unknown_group: {
    status: 404,
    sentence:
      'No tracker knows the group "{group}"{nearest}: the groups are {known}; correct the link, or tracker_server if it leads to another cluster.',
  },
  unknown_domain: {
    status: 404,
    sentence:
      'MogileFS has no domain "{domain}"{nearest}: the domains are {known}; correct the link, give this host a domain in [vhost], or make it with `mogadm domain add {domain}`.',
  },
  key_twin: {
    status: 404,
    sentence:
      'The domain "{domain}" has no key "{key}", but it has "{twin}": set leading_slash = {leading_slash} in edge.conf if all keys of the cluster are written so, or correct the link.',
  },
  unknown_key: {
    status: 404,
    sentence:
      'The domain "{domain}" has no key "{key}": it was never stored or has been deleted; `dfs-edge mog list --domain {domain} PREFIX` shows what there is.',
  },
  file_gone: {
    status: 404,
    sentence:
      'Every storage of {group} that should have the file says that it has none ({hosts}): it was deleted or never uploaded there; look in the application for the id that replaced it.',
  },
  file_gone_at_source: {
    status: 404,
    sentence:
      'The storage that the file was uploaded to, {source}, says that it has none, and nobody else gives it ({others}): it was deleted; restore it from a backup, or remove the link.',
  },
  copies_gone: {
    status: 404,
    sentence:
      'Fid {fid} is listed on {hosts}, but no copy is there any more: run `mogadm fsck start` and restore the file from a backup, or upload it again.',
  },
} as const satisfies Record<string, Cause>

export const BAD_GATEWAY = {
  tracker_refuses: {
    status: 502,
    sentence:
      'The tracker {host} refuses the question: {reason}; look into its log (trackerd.log), and whether its version knows this command.',
  },
  tracker_is_storage: {
    status: 502,
    sentence:
      'What answers on {hosts} is FastDFS, but no tracker, and most likely a storage (23000): let {setting} name the trackers, whose port is 22122.',
  },
  storages_refuse: {
    status: 502,
    sentence:
      'Nobody listens on {hosts}: {daemon} is down there, or listens on another port or address than it registered; look with `systemctl status {daemon}` and `ss -ltn` on that host{address_map}.',
  },
  storages_unreachable: {
    status: 502,
    sentence:
      'This host has no way to {hosts}, the address that {daemon} registered, as one inside a container or behind NAT does: map it in edge.conf to one that can be reached, [address_map] {registered} = REACHABLE:PORT.',
  },
  storages_error: {
    status: 502,
    sentence:
      'The file cannot be read on {hosts} ({reason}): look into the log of {daemon} there, at the disk (`dmesg`, `df`) and at the rights of its store path.',
  },
  storages_garbage: {
    status: 502,
    sentence:
      'What listens on {hosts} does not speak as {daemon} does: another program has that port; compare it with port in storage.conf (FastDFS) or http_port of `mogadm host list` (MogileFS), and with [address_map].',
  },
  storages_break: {
    status: 502,
    sentence:
      'The answer of {hosts} breaks off in the middle: look into the log of {daemon} there, and whether a firewall or a proxy stands between.',
  },
  device_down: {
    status: 502,
    sentence:
      'All copies are on devices that are marked down and do not answer ({devices}): start mogstored there, then let the trackers read from them again with `mogadm device mark HOST DEVICE alive` (or `mogadm host mark HOST alive`).',
  },
  file_cut: {
    status: 502,
    sentence:
      'The file is damaged: there are {given} bytes on {hosts} where {wanted} were uploaded, and no good copy is left; restore it from a backup or upload it again (a full disk cuts files: look with `df`).',
  },
  checksum_wrong: {
    status: 502,
    sentence:
      'The file is damaged: on {hosts} its bytes do not have the checksum of what was uploaded ({wanted}); check that disk (`smartctl -a`, `dmesg`), and upload the file again.',
  },
  sync_delay: {
    status: 502,
    sentence:
      'There is no copy on {others} yet, or none any more, and {source}, which the file was uploaded to, {trouble}: bring {daemon} on {source} up; if the file is there, the copying goes on by itself.',
  },
  replicas_mixed: {
    status: 502,
    sentence: 'No storage gives the file, each for a reason of its own: {reasons}. Repair any one.',
  },
} as const satisfies Record<string, Cause>

export const UNAVAILABLE = {
  trackers_refuse: {
    status: 503,
    sentence:
      'Nobody listens on {hosts}, which {setting} names: start {daemon} there (`systemctl status {daemon}`), or correct {setting}.',
  },
  trackers_unreachable: {
    status: 503,
    sentence:
      'This host has no way to {hosts}, which {setting} names: correct {setting}, or the network and firewall between.',
  },
  trackers_hang: {
    status: 503,
    sentence:
      'Nothing comes in time from {hosts}, which {setting} names, though connections are taken: restart {daemon} there, and look at the load of that host.',
  },
  trackers_garbage: {
    status: 503,
    sentence:
      'What listens on {hosts} is no {daemon}: correct the address or the port in {setting} (trackers of FastDFS have 22122, those of MogileFS 7001; 23000 is a storage).',
  },
  trackers_fail: {
    status: 503,
    sentence:
      'The trackers {hosts} answer with an error ({reason}): their database is most likely down; look with `mogadm check` and at db_dsn in mogilefsd.conf.',
  },
  lookups_mixed: {
    status: 503,
    sentence: 'Nobody tells where the file is: {reasons}. One of them has to work.',
  },
  database_login: {
    status: 503,
    sentence:
      "The database refuses the edge: {reason}; correct db_dsn, db_user and db_pass, or grant SELECT on MogileFS's tables to that user.",
  },
  primary_needed: {
    status: 503,
    sentence:
      'The key is not on the read replicas, which may lag, and the primary {hosts} cannot be asked ({reason}): bring the primary back; 404 is only said on its word.',
  },
  group_down: {
    status: 503,
    sentence:
      'The tracker names no storage of {group} to read from ({states}): start fdfs_storaged on those that are not ACTIVE, and look into storaged.log there for why they left.',
  },
  no_readable_copy: {
    status: 503,
    sentence:
      'The key exists (fid {fid}), but no device that may be read has it: {devices}; `mogadm device list` shows the states, `mogadm device mark HOST DEVICE alive` brings one back.',
  },
  hosts_unlisted: {
    status: 503,
    sentence:
      'The trackers name copies on {hosts}, which is no host that they list, so the edge does not connect there: compare `mogadm host list` with the addresses in the table above.',
  },
  overloaded: {
    status: 503,
    sentence:
      'The edge has more to do than max_requests and max_connections allow: raise them if there is memory, add workers, or find out why the storages are slow.',
  },
  lookup_failed: {
    status: 503,
    sentence: 'Nobody tells where the file is: {reason}.',
  },
} as const satisfies Record<string, Cause>

export const TIMED_OUT = {
  sync_delay_timeout: {
    status: 504,
    sentence:
      'There is no copy on {others} yet, or none any more, and {source}, which the file was uploaded to, {trouble}: restart {daemon} on {source}; if the file is there, the copying goes on by itself.',
  },
  storages_hang: {
    status: 504,
    sentence:
      'Nothing comes in time from {hosts}, though connections are taken: {daemon} hangs there, or its disk does; look with `iostat -x` and restart {daemon}.',
  },
  storages_no_connection: {
    status: 504,
    sentence:
      'No connection to {hosts} comes about in time, as behind a firewall, or as an address inside a container or behind NAT does: open the port, or map the address in edge.conf, [address_map] {registered} = REACHABLE:PORT.',
  },
  too_slow: {
    status: 504,
    sentence:
      'The bytes come so slowly from {hosts} that nobody waits for the end: look at the load of the disk there (`iostat -x`) and at the network.',
  },
} as const satisfies Record<string, Cause>

/** Where the edge fails in a way that the questions above do not show. */
export const UNEXPLAINED = {
  failed: {
    status: 502,
    sentence:
      'The storages answer these questions well, and still the edge cannot give the file: {reason}; ask again, for the trouble may be passing.',
  },
  edge_fault: {
    status: 500,
    sentence:
      'The edge itself made a mistake: {reason}; its log has the details, please report it.',
  },
} as const satisfies Record<string, Cause>
