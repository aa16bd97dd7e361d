import pino from 'pino'
import { startEdge } from '../../src/app/wiring.ts'
import type { EdgeConf } from '../../src/config/index.ts'
import { childArgument, sayReady } from '../support/child.ts'

const conf = childArgument<EdgeConf>()
// Maps do not survive JSON.
const contentType = { ...conf.contentType, mimeTypes: new Map() }
const vhosts = { exact: new Map(), wildcards: new Map() }
const mogilefs = conf.mogilefs && { ...conf.mogilefs, vhosts }
const edge = await startEdge(
  { ...conf, contentType, mogilefs },
  { logger: pino({ level: 'silent' }) },
)
sayReady({ url: edge.urls[0] })
