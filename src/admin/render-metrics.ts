import { AggregatorRegistry } from 'prom-client'
import { METRICS, type MetricName, type MetricSpec } from './metric-table.ts'
import { namesOf, type Samples } from './samples.ts'

/** The text of Prometheus, and its type. */
export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

/** Without samples, so that also what has not happened yet is described. */
const ALL = describe(namesOf(METRICS), {})

/** The metrics of several processes as one. */
export async function renderMetrics(processes: readonly Samples[]): Promise<MetricsText> {
  const described = processes.map((samples) => describe(namesOf(samples), samples))
  const registry = AggregatorRegistry.aggregate([ALL, ...described])
  return { contentType: registry.contentType, text: await registry.metrics() }
}

function describe(names: readonly MetricName[], samples: Samples): object[] {
  return names.map((name) => {
    const { type, help, merge = 'sum' }: MetricSpec = METRICS[name]
    return { name, type, help, aggregator: merge, values: samples[name] ?? [] }
  })
}
