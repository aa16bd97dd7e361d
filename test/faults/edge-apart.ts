import { ServeProcess } from '../support/serve-process.ts'
import { residentBytes, settledBytes } from './resident.ts'
import type { StartEdge } from './run-row.ts'

/** `dfs-edge serve`: nothing else is done in its process. */
export const startEdgeApart: StartEdge = async (settings) => {
  const endings: (() => unknown)[] = []
  const serve = await ServeProcess.start({ after: (fn) => void endings.unshift(fn) }, settings)
  return {
    url: serve.url.slice(0, -1),
    memory: {
      held: () => residentBytes(serve),
      settled: (beforeBytes) => settledBytes(serve, beforeBytes),
    },
    close: async () => {
      for (const end of endings) await end()
    },
  }
}
