import type { Command } from 'commander'
import { startAdmin } from '../admin-listener.ts'
import { loadConf } from '../cluster-flags.ts'
import { createLogger } from '../logger.ts'
import { DRAIN_MS, untilSignal } from '../until-signal.ts'
import { startEdge } from '../wiring.ts'

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('serve files over HTTP in front of your clusters')
    .option('--conf <file>', 'the configuration', 'conf/edge.conf')
    .action(serve)
}

async function serve({ conf: path }: { conf: string }): Promise<void> {
  const conf = loadConf(path)
  const logger = createLogger(conf.logLevel)
  const stopped = untilSignal()
  const edge = await startEdge(conf, { logger })
  const admin = await startAdmin(conf, {
    logger,
    purgeEdges: async (target) => edge.purge(target),
  })
  logger.info({ urls: edge.urls, admin: admin.url, conf: path }, 'serving')
  process.on('SIGHUP', () => logger.warn('the configuration is read at the start only: restart'))
  const signal = await stopped
  logger.info({ signal }, 'stopping')
  await edge.close(DRAIN_MS)
  await admin.close()
}
