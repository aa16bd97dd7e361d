import cluster from 'node:cluster'
import type { Command } from 'commander'
import type { EdgeConf } from '../../config/index.ts'
import { loadConf } from '../cluster-flags.ts'
import { runEdgeWorker } from '../edge-worker.ts'
import { describeError } from '../exit-code.ts'
import { exitOnFault } from '../exit-on-fault.ts'
import { InheritedSockets } from '../inherited-sockets.ts'
import { LogDestination } from '../log-destination.ts'
import { createLogger, type Logger } from '../logger.ts'
import { clientConnectionsMax, openFilesMax } from '../open-files.ts'
import { type Notify, takeNotify } from '../service-manager.ts'
import { Serving } from '../serving.ts'
import { untilSignal } from '../until-signal.ts'

export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description(
      'serve files over HTTP in front of your clusters; SIGHUP reads its configuration anew, SIGUSR1 opens log_file anew',
    )
    .option('--conf <file>', 'the configuration', 'conf/edge.conf')
    .action((flags) => (cluster.isWorker ? runEdgeWorker() : serve(flags)))
}

async function serve({ conf: path }: { conf: string }): Promise<void> {
  const conf = loadConf(path)
  const log = await LogDestination.open(conf.logFile)
  const logger = createLogger(conf.logLevel, log)
  exitOnFault(logger)
  const stopped = untilSignal()
  const notify = takeNotify(logger)
  const reloads = new Reloads(path, { logger, notify })
  const serving = await Serving.start(conf, { logger, log, sockets: InheritedSockets.take() })
  logger.info({ ...serving.places, workers: conf.workers, conf: path }, 'serving')
  notify('READY=1', statusOf(serving))
  warnOfFewFiles(conf, logger)
  reloads.begin(serving)
  process.on('SIGUSR1', () => serving.reopenLog())
  const signal = await stopped
  logger.info({ signal }, 'stopping')
  await serving.close()
  logger.info('stopped')
}

/** What `systemctl status` shows. */
function statusOf({ places }: Serving, rest = ''): string {
  return `STATUS=serving ${places.urls.join(', ')}, admin listener ${places.admin}${rest}`
}

/** The edge processes have the limit of this one. */
function warnOfFewFiles({ clients }: EdgeConf, logger: Logger): void {
  const openFiles = openFilesMax()
  const connections = clientConnectionsMax(clients, openFiles)
  if (connections >= clients.maxConnections) return
  logger.warn(
    { openFiles, connections, maxClientConnections: clients.maxConnections },
    'the limit of open files (LimitNOFILE, ulimit -n) allows fewer connections than max_client_connections',
  )
}

/** What the log says of a configuration that cannot be used. */
const REFUSED = 'the new configuration is refused, the old one stays'

/** One reload for any number of SIGHUPs that come during another one, or before the start is done. */
class Reloads {
  readonly #path: string
  readonly #told: { readonly logger: Logger; readonly notify: Notify }
  #serving: Serving | undefined
  #isAsked = false
  #isUnderWay = false

  constructor(path: string, told: { readonly logger: Logger; readonly notify: Notify }) {
    this.#path = path
    this.#told = told
    process.on('SIGHUP', () => {
      this.#isAsked = true
      void this.#run()
    })
  }

  begin(serving: Serving): void {
    this.#serving = serving
    void this.#run()
  }

  async #run(): Promise<void> {
    if (this.#isUnderWay || this.#serving === undefined) return
    this.#isUnderWay = true
    while (this.#isAsked) {
      this.#isAsked = false
      await this.#reload(this.#serving)
    }
    this.#isUnderWay = false
  }

  async #reload(serving: Serving): Promise<void> {
    const { logger, notify } = this.#told
    try {
      await serving.reload(loadConf(this.#path))
      notify(statusOf(serving))
    } catch (error) {
      logger.error({ conf: this.#path, error: describeError(error) }, REFUSED)
      notify(statusOf(serving, `; ${REFUSED}`))
    }
  }
}
