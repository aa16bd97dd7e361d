import type { EdgeConf } from '../config/index.ts'
import { ContentTypes } from '../http/content-type.ts'
import type { CorsOptions } from '../http/cors.ts'
import type { EdgeOptions } from '../http/edge.ts'
import type { ServerLimits } from '../http/server-limits.ts'
import type { TokenOptions } from '../http/token-check.ts'
import type { FileTransfer } from '../transfer/file-transfer.ts'
import { clientConnectionsMax, openFilesMax } from './open-files.ts'

/** What clients may take of a process. */
export function limitsOf({ clients }: EdgeConf): Partial<ServerLimits> {
  const { rate, rateAfter, ...counts } = clients
  const maxConnections = clientConnectionsMax(clients, openFilesMax())
  return { ...counts, maxConnections, sendRate: { bytesPerSecond: rate, afterBytes: rateAfter } }
}

/** What of the answers is the operator's choice. */
export function edgeOptions(
  conf: EdgeConf,
): Omit<EdgeOptions, 'urls' | 'transfer' | 'log' | 'page'> {
  const token = tokenOptions(conf)
  const cors = corsOptions(conf)
  return {
    contentTypes: contentTypesOf(conf),
    cacheControl: conf.cacheControl,
    flvExtensions: conf.flvExtension === null ? [] : [conf.flvExtension],
    isMultiRangeEnabled: conf.isMultiRangeEnabled,
    ...(token && { token }),
    ...(cors && { cors }),
  }
}

/** Who sends what the edge has found, where it is not the edge. */
export function handoverOptions(
  { response, urlHaveGroupName }: EdgeConf,
  transfer: FileTransfer,
): Pick<EdgeOptions, 'handover'> {
  const { mode, redirectPort } = response
  if (mode === 'proxy') return {}
  const locate = transfer.locate.bind(transfer)
  return { handover: { mode, redirectPort, hasGroupName: urlHaveGroupName, locate } }
}

function contentTypesOf({ contentType }: EdgeConf): ContentTypes {
  return new ContentTypes(contentType.mimeTypes, contentType.defaultType)
}

function tokenOptions(conf: EdgeConf): TokenOptions | undefined {
  const { checkToken, secretKey, tokenTtlSeconds, tokenCheckFail } = conf.antiSteal
  if (!checkToken) return undefined
  const token = { secret: secretKey, ttlSeconds: tokenTtlSeconds }
  if (tokenCheckFail === null) return token
  const contentType = contentTypesOf(conf).of(tokenCheckFail.filename)
  return { ...token, failBody: { bytes: tokenCheckFail.content, contentType } }
}

function corsOptions({ cors }: EdgeConf): CorsOptions | undefined {
  const { allowOrigins, maxAgeSeconds } = cors
  if (allowOrigins.length === 0) return undefined
  return { origins: allowOrigins.includes('*') ? '*' : allowOrigins, maxAgeSeconds }
}
