import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createToken } from '../../src/wire/token.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { Client } from './client.ts'
import { loadOf, type Scene, type SceneContext, watchMemory } from './scene.ts'
import type { TestContext } from './stand.ts'
import { Tally } from './tally.ts'
import { runWorkload } from './workload.ts'

const DAY_MS = 86_400_000
const SECRET = 'a key of the shop'

export const CLOCK_SET: Scene = {
  fault: 'time of day set two days ahead, then two days back',
  place: 'FastDFS',
  badHosts: 0,
  run: setClock,
}

/** Caches go on as before, and a token counts by the time that it is on the edge's host. */
async function setClock({ t, places, scale }: SceneContext): Promise<Tally> {
  const place = await places.get('FastDFS')
  const { files, folder } = place.stand
  const clock = join(folder, 'clock')
  await writeFile(clock, '0')
  const settings = place.settings({ isProxied: false }).replace(/^[a-z_]+_ttl = 0$/gm, '')
  const serve = await startWithClock(t, settings, clock)
  const guarded = await startWithClock(t, settings.replace('[address_map]', tokenSettings()), clock)
  return watchMemory({ serve, files, scale }, async () => {
    const tally = new Tally()
    for (const days of [0, 2, -2, 0]) {
      await writeFile(clock, `${days * DAY_MS}`)
      const url = serve.url.slice(0, -1)
      await runWorkload({ url, files, ...loadOf({ ...scale, forMs: scale.forMs / 4 }) }, tally)
      await checkToken(guarded, files.small[0]?.path ?? '', { days, tally })
    }
    return tally
  })
}

function startWithClock(t: TestContext, settings: string, clock: string): Promise<ServeProcess> {
  const preload = new URL('clock.mjs', import.meta.url).href
  const env = { NODE_OPTIONS: `--import=${preload}`, FAULTS_CLOCK: clock }
  return ServeProcess.start(t, settings, { env })
}

function tokenSettings(): string {
  return `http.anti_steal.check_token = true
http.anti_steal.secret_key = ${SECRET}
[address_map]`
}

async function checkToken(
  { url }: ServeProcess,
  path: string,
  { days, tally }: { days: number; tally: Tally },
): Promise<void> {
  const ts = Math.floor((Date.now() + days * DAY_MS) / 1000)
  const client = new Client()
  for (const [age, status] of [
    [0, 200],
    [100_000, 403],
  ] as const) {
    const made = createToken(path.slice('/group1/'.length), `${ts - age}`, SECRET)
    const asked = `${url.slice(0, -1)}${path}?token=${made}&ts=${ts - age}`
    tally.add('token', await client.ask({ url: asked, method: 'HEAD', status }))
  }
  client.close()
}
