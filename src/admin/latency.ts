import { LATENCY_BUCKETS, type LabelsOf, type MetricName } from './metric-table.ts'
import type { SampleSheet } from './samples.ts'

const LAST = LATENCY_BUCKETS.length

/** How often something took how long. Adding costs next to nothing: it is done for every request. */
export class Latency {
  readonly #counts = new Float64Array(LAST + 1)
  #sum = 0

  addMs(ms: number): void {
    const seconds = ms / 1000
    let bucket = 0
    while (bucket < LAST && seconds > (LATENCY_BUCKETS[bucket] ?? 0)) bucket += 1
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#sum += seconds
  }

  writeTo<N extends MetricName>(sheet: SampleSheet, name: N, labels: LabelsOf<N>): void {
    let count = 0
    for (const [index, added] of this.#counts.entries()) {
      count += added
      const le = index < LAST ? `${LATENCY_BUCKETS[index]}` : '+Inf'
      sheet.put(name, { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count })
    }
    sheet.put(name, { metricName: `${name}_sum`, labels, value: this.#sum })
    sheet.put(name, { metricName: `${name}_count`, labels, value: count })
  }
}
