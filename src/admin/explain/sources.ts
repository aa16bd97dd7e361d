import type { FastdfsStorage } from '../../client/fastdfs-storage.ts'
import type { FastdfsTracker } from '../../client/fastdfs-tracker.ts'
import type { HttpStorage } from '../../client/http-storage.ts'
import type { MogilefsDb } from '../../client/mogilefs-db.ts'
import type { MogilefsTracker } from '../../client/mogilefs-tracker.ts'
import type { AddressMap } from '../../resolver/address-map.ts'
import type { LocalGroup } from '../../resolver/local-store-path.ts'
import type { AnswerReport } from './explanation.ts'
import type { TokenSettings } from './token-report.ts'

/** A daemon that is asked alone, so that each answers for itself. */
export interface Alone<Client> {
  readonly address: string
  readonly client: Client
}

export interface FastdfsSources {
  readonly hasGroupName: boolean
  readonly groupName: string
  /** Those that the configuration names. */
  readonly groupNames: readonly string[]
  readonly trackers: readonly Alone<
    Pick<FastdfsTracker, 'listGroups' | 'listStorages' | 'queryFetchAll'>
  >[]
  readonly storage: Pick<FastdfsStorage, 'queryFileInfo' | 'download'>
  readonly localGroups: readonly LocalGroup[]
}

export interface MogilefsSources {
  readonly domainOfHost: (host: string) => string | undefined
  readonly hasLeadingSlash: boolean
  readonly trackers: readonly Alone<
    Pick<
      MogilefsTracker,
      'getDomains' | 'getHosts' | 'getDevices' | 'fileInfo' | 'getPaths' | 'fileDebug'
    >
  >[]
  readonly databases: readonly Alone<Pick<MogilefsDb, 'readDomains' | 'hosts' | 'locate'>>[]
  readonly http: Pick<HttpStorage, 'open' | 'size'>
}

/** All that an explanation is made from; whoever makes it closes what is behind it. */
export interface ExplainSources {
  readonly fastdfs: FastdfsSources | null
  readonly mogilefs: MogilefsSources | null
  readonly addressMap: Pick<AddressMap, 'reachable'>
  readonly token: TokenSettings
  /** Files up to this many bytes are read whole and their checksum is looked at. */
  readonly verifyMaxBytes: number
  readonly nginxCache: { readonly path: string; readonly sliceBytes: number }
  /** What an edge that remembers nothing answers to this request. */
  answer(request: AskedUrl): Promise<AnswerReport>
  /** The name that was probably meant. */
  nearest(name: string, names: readonly string[]): string | undefined
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface AskedUrl {
  readonly target: string
  readonly host: string | undefined
  /** What the trackers list at the moment. */
  readonly isGroup: (name: string) => boolean
  readonly isDomain: (name: string) => boolean
}
