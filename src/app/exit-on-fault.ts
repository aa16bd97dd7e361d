import type { Logger } from './logger.ts'

/** What a supervisor sees of a fault of the program: EX_SOFTWARE of sysexits.h. */
const FAULTY = 70

/**
 * What nobody has caught leaves the process in a state that nobody knows: it says why and ends. The
 * primary starts another edge process, the supervisor another primary.
 */
export function exitOnFault(logger: Logger): void {
  process.on('uncaughtException', (err, origin) => {
    logger.fatal({ err, origin }, 'a fault of the program, the process ends')
    process.exit(FAULTY)
  })
}
