import type { Fault } from './fault.ts'

/**
 * What `dfs-edge check-conf` prints: a line `conf/edge.conf:12: message` for each fault and warning,
 * and a summary. Editors and terminals know that form and jump to the line.
 */
export function formatFaults(faults: readonly Fault[], warnings: readonly Fault[] = []): string {
  const lines = [
    ...faults.map((fault) => `${formatPlace(fault)}: ${fault.message}`),
    ...warnings.map((warning) => `${formatPlace(warning)}: warning: ${warning.message}`),
    `${count(faults.length, 'fault')}, ${count(warnings.length, 'warning')}`,
  ]
  return `${lines.join('\n')}\n`
}

function formatPlace({ file, line }: Fault): string {
  return line === undefined ? file : `${file}:${line}`
}

function count(many: number, noun: string): string {
  return `${many === 0 ? 'no' : many} ${noun}${many === 1 ? '' : 's'}`
}
