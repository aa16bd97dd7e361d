import pino from 'pino'
import { startEdge } from '../../src/app/wiring.ts'
import type { EdgeConf } from '../../src/config/index.ts'
import { childArgument, sayReady } from './child.ts'

const conf = childArgument<EdgeConf>()
// A map does not survive JSON.
const contentType = { ...conf.contentType, mimeTypes: new Map() }
const edge = await startEdge({ ...conf, contentType }, { logger: pino({ level: 'silent' }) })
sayReady({ url: edge.urls[0] })
