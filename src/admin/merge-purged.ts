import type { PurgedEdge } from './edge-caches.ts'
import type { NginxContent } from './nginx-cache-file.ts'

/** What several edge processes have dropped, as one. Undefined: the target meant nothing to any. */
export function mergePurged(answers: readonly (PurgedEdge | undefined)[]): PurgedEdge | undefined {
  const purged = answers.filter((answer) => answer !== undefined)
  if (purged.length === 0) return undefined
  return {
    locations: purged.reduce((sum, { locations }) => sum + locations, 0),
    objects: purged.reduce((sum, { objects }) => sum + objects, 0),
    nginx: {
      contents: mergeContents(purged.flatMap(({ nginx }) => nginx.contents)),
      prefixes: [...new Set(purged.flatMap(({ nginx }) => nginx.prefixes))],
    },
  }
}

/** One process may know a size that another does not. */
function mergeContents(contents: readonly NginxContent[]): NginxContent[] {
  const sizes = new Map<string, number | null>()
  for (const { key, size } of contents) sizes.set(key, largerOf(sizes.get(key) ?? null, size))
  return Array.from(sizes, ([key, size]) => ({ key, size }))
}

function largerOf(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other)
}
