import { type LabelsOf, METRICS, type MetricName } from './metric-table.ts'

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** A histogram's own: `.._bucket`, `.._sum`, `.._count`. */
  readonly metricName?: string
}

/** The metrics of one process. Plain data, for it crosses processes. */
export type Samples = { readonly [name in MetricName]?: readonly Sample[] }

/** Where the samples of a process are written down. */
export class SampleSheet {
  readonly #samples: { [name in MetricName]?: Sample[] } = {}

  get samples(): Samples {
    return this.#samples
  }

  add<N extends MetricName>(name: N, labels: LabelsOf<N>, value: number): void {
    this.put(name, { labels, value })
  }

  put(name: MetricName, sample: Sample): void {
    const samples = this.#samples[name] ?? []
    samples.push(sample)
    this.#samples[name] = samples
  }
}

/** Beyond that a host that is no more counts as one of the others. */
const SERIES_MAX = 5000

/** What processes that are no more have counted: without it a counter would go backwards. */
export class DepartedCounts {
  readonly #series = new Map<string, Sample & { readonly name: MetricName }>()

  add(samples: Samples): void {
    for (const name of namesOf(samples)) {
      if (METRICS[name].type === 'gauge') continue
      for (const sample of samples[name] ?? []) this.#add(name, sample)
    }
  }

  get samples(): Samples {
    const sheet = new SampleSheet()
    for (const { name, ...sample } of this.#series.values()) sheet.put(name, sample)
    return sheet.samples
  }

  #add(name: MetricName, sample: Sample): void {
    const { labels, value, metricName = name } = sample
    const key = `${metricName} ${JSON.stringify(labels)}`
    const known = this.#series.get(key)
    const isOneTooMany = known === undefined && this.#series.size >= SERIES_MAX
    if (isOneTooMany && labels['host'] !== undefined && labels['host'] !== 'other') {
      this.#add(name, { ...sample, labels: { ...labels, host: 'other' } })
      return
    }
    this.#series.set(key, { ...sample, name, value: (known?.value ?? 0) + value })
  }
}

export function namesOf(metrics: { readonly [name in MetricName]?: unknown }): MetricName[] {
  return Object.keys(metrics).filter((name): name is MetricName => name in METRICS)
}
