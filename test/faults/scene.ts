import type { ServeProcess } from '../support/serve-process.ts'
import type { Places } from './place.ts'
import { residentBytes, settledBytes } from './resident.ts'
import type { TestContext } from './stand.ts'
import { Tally } from './tally.ts'
import { type Files, runWorkload } from './workload.ts'

/** How much is asked, and for how long: less in the tests than in `npm run faults`. */
export interface Scale {
  readonly clients: number
  /** Of each client, at least. */
  readonly requests: number
  readonly forMs: number
  readonly pauseMs?: number
  /** Absent: the edge is not warmed up, and its memory not looked at. */
  readonly warmUpMs?: number
  readonly slowClients: number
  readonly kills: number
}

/** A fault of the edge's own surroundings: its process, its disk, its limits, its clock. */
export interface Scene {
  readonly fault: string
  /** What stands between clients and storages. */
  readonly place: string
  /** Hosts that do not do their work. */
  readonly badHosts?: number
  /** Bodies already begun that cannot be brought to their end. */
  readonly cutsMax?: number
  /** A reason to leave it out on this machine. */
  whyNot?(): string | false
  run(at: SceneContext): Promise<Tally>
}

export interface SceneContext {
  readonly t: TestContext
  readonly places: Places
  readonly scale: Scale
}

/** Runs a scene and ends all that it has started. */
export async function runScene(
  scene: Scene,
  { places, scale }: Omit<SceneContext, 't'>,
): Promise<Tally> {
  const endings: (() => unknown)[] = []
  try {
    return await scene.run({ t: { after: (fn) => void endings.unshift(fn) }, places, scale })
  } finally {
    for (const end of endings) await end()
  }
}

/** What clients do in a scene, beginning now. */
export function loadOf({ clients, requests, forMs, pauseMs = 0 }: Scale) {
  return { clients, requests, pauseMs, untilMs: performance.now() + forMs }
}

/** Runs a part of a scene and looks what it does to the memory of its edge. */
export async function watchMemory(
  { serve, files, scale }: { serve: ServeProcess; files: Files; scale: Scale },
  run: () => Promise<Tally>,
): Promise<Tally> {
  const { warmUpMs } = scale
  if (warmUpMs === undefined) return run()
  const url = serve.url.slice(0, -1)
  await runWorkload({ url, files, ...loadOf({ ...scale, forMs: warmUpMs }) }, new Tally())
  const beforeBytes = residentBytes(serve)
  const tally = await run()
  tally.memory = { beforeBytes, afterBytes: await settledBytes(serve, beforeBytes) }
  return tally
}
