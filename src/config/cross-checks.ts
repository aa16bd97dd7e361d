import type { DirectiveName } from './directives.ts'
import type { EdgeConf } from './edge-conf.ts'
import type { Findings, Place } from './fault.ts'

/** Published in FastDFS's sample http.conf. */
const SAMPLE_KEY = 'FastDFS1234567890'

/** The line that a fault of one of these settings belongs to: of the first that is set. */
export type PlaceOf = (...names: readonly DirectiveName[]) => Place

/** What is right by itself and wrong together. */
export function crossCheck(conf: EdgeConf, placeOf: PlaceOf, findings: Findings): void {
  checkSources(conf, placeOf, findings)
  checkGroupNames(conf, placeOf, findings)
  checkMemory(conf, placeOf, findings)
  checkToken(conf, placeOf, findings)
  checkListen(conf, placeOf, findings)
  checkAdmin(conf, placeOf, findings)
}

function checkSources(conf: EdgeConf, placeOf: PlaceOf, findings: Findings): void {
  // A line that is there and wrong has had its own fault.
  if (placeOf('tracker_server').line !== undefined) return
  const place = placeOf('store_path0', 'group_count')
  if (conf.localGroups.length > 0) {
    findings.warn(place, 'tracker_server is not set: only files on store paths here are found')
  } else if (place.line === undefined && placeOf('trackers', 'db_dsn').line === undefined) {
    const message =
      'nothing to serve: no tracker_server or store_path0 (FastDFS), no trackers or db_dsn (MogileFS)'
    findings.fault(place, message)
  }
}

function checkGroupNames(conf: EdgeConf, placeOf: PlaceOf, findings: Findings): void {
  const hasName = placeOf('group_name').line !== undefined
  if (conf.urlHaveGroupName) {
    // Whoever comes from the C module relies on its default, and all his URLs would be 404.
    if (hasName && placeOf('url_have_group_name').line === undefined) {
      const message = 'url_have_group_name is not set: true here, false in fastdfs-nginx-module'
      findings.warn(placeOf('group_name'), message)
    }
  } else if (conf.groupNames.length > 1 || (conf.groupNames.length === 0 && !hasName)) {
    const message = 'url_have_group_name = false needs a group_name with exactly one group'
    findings.fault(placeOf('url_have_group_name'), message)
  }
}

function checkMemory({ memory, timeouts }: EdgeConf, placeOf: PlaceOf, findings: Findings): void {
  const { objectMaxBytes, objectCacheBytes, verifyMaxBytes, verifyPoolBytes } = memory
  if (objectMaxBytes > verifyMaxBytes) {
    const message = 'object_max_size is more than verify_max: only checked files are kept'
    findings.fault(placeOf('object_max_size', 'verify_max'), message)
  }
  if (objectCacheBytes > 0 && objectMaxBytes > objectCacheBytes) {
    const place = placeOf('object_cache_size', 'object_max_size')
    findings.fault(place, 'object_cache_size is less than object_max_size')
  }
  if (verifyMaxBytes > verifyPoolBytes) {
    findings.fault(placeOf('verify_pool', 'verify_max'), 'verify_pool is less than verify_max')
  }
  if (timeouts.hedgeMs >= timeouts.firstAnswerMs) {
    const message = 'hedge_ms is not less than first_answer_ms: no second host is asked in time'
    findings.warn(placeOf('hedge_ms', 'first_answer_ms'), message)
  }
}

function checkToken({ antiSteal }: EdgeConf, placeOf: PlaceOf, findings: Findings): void {
  if (!antiSteal.checkToken) return
  if (antiSteal.secretKey === '') {
    const place = placeOf('http.anti_steal.secret_key', 'http.anti_steal.check_token')
    findings.fault(place, 'http.anti_steal.check_token needs http.anti_steal.secret_key')
  } else if (antiSteal.secretKey === SAMPLE_KEY) {
    const message = "http.anti_steal.secret_key is the one of FastDFS's sample: everybody knows it"
    findings.warn(placeOf('http.anti_steal.secret_key'), message)
  }
}

const LOOPBACK = /^(?:127\.[0-9.]+|::1|localhost)$/

function checkAdmin({ admin }: EdgeConf, placeOf: PlaceOf, findings: Findings): void {
  if (LOOPBACK.test(admin.listen.host) || admin.token !== undefined) return
  const message = 'admin_listen is not loopback: without an admin_token others may purge'
  findings.warn(placeOf('admin_listen'), message)
}

function checkListen(conf: EdgeConf, placeOf: PlaceOf, findings: Findings): void {
  const addresses = [...conf.listen, conf.admin.listen].map(({ host, port }) => `${host} ${port}`)
  const adminAddress = addresses.pop() ?? ''
  if (addresses.includes(adminAddress)) {
    findings.fault(placeOf('admin_listen', 'listen'), 'admin_listen is an address of listen')
  }
  if (new Set(addresses).size < addresses.length) {
    findings.fault(placeOf('listen'), 'listen names an address twice')
  }
  const { allowOrigins } = conf.cors
  if (allowOrigins.includes('*') && new Set(allowOrigins).size > 1) {
    findings.fault(placeOf('cors_allow_origin'), 'cors_allow_origin: * leaves nothing for others')
  }
}
