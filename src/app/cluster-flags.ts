import type { Command } from 'commander'
import { type Address, formatAddress } from '../client/address.ts'
import { type EdgeConf, readEdgeConf } from '../config/index.ts'
import { formatFaults } from '../config/report.ts'
import { CommandError, EXIT } from './exit-code.ts'

/** What every command is told that talks to a cluster. */
export interface ClusterFlags {
  readonly tracker?: readonly Address[]
  readonly conf?: string
}

/** @param usual the tracker to ask where none is named; others without a port have the same */
export function addClusterFlags(command: Command, usual: Address): Command {
  const parse = addressParser(usual.port)
  const about = `a tracker to ask, instead of ${formatAddress(usual)}; repeatable`
  const collect = (value: string, earlier: readonly Address[] = []): readonly Address[] => [
    ...earlier,
    parse(value),
  ]
  return command
    .option('--tracker <host:port>', about, collect)
    .option('--conf <file>', 'take trackers and settings from this edge.conf')
}

/** A configuration without a fault. @throws CommandError with every fault in its message */
export function loadConf(path: string): EdgeConf {
  const { conf, faults, warnings } = readEdgeConf(path)
  if (conf === undefined) throw new CommandError(formatFaults(faults, warnings), EXIT.USAGE)
  return conf
}

/** Reads `host:port`, or `host` alone where its port is the usual one. */
export function addressParser(usualPort: number): (value: string) => Address {
  return (value) => {
    const [, bracketed, plain, port = usualPort] =
      /^(?:\[([^\]]+)\]|([^:[\]]+))(?::([0-9]{1,5}))?$/.exec(value) ?? []
    const host = bracketed ?? plain
    if (host !== undefined && Number(port) >= 1 && Number(port) <= 65_535) {
      return { host, port: Number(port) }
    }
    throw new CommandError(`"${value}" is no host:port`, EXIT.USAGE)
  }
}
