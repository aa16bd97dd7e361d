import type { Places } from './place.ts'
import type { TestContext } from './stand.ts'
import type { Tally } from './tally.ts'

/** How much is asked, and for how long: less in the tests than in `npm run faults`. */
export interface Scale {
  readonly clients: number
  /** Of each client, at least. */
  readonly requests: number
  readonly forMs: number
  readonly slowClients: number
  readonly kills: number
}

/** A fault of the edge's own surroundings: its process, its disk, its limits, its clock. */
export interface Scene {
  readonly fault: string
  /** What stands between clients and storages. */
  readonly place: string
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
