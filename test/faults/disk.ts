import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { ServeProcess } from '../support/serve-process.ts'
import { SmallDisk, whyNoDisk } from '../support/small-disk.ts'
import { startNginx } from './nginx-front.ts'
import { loadOf, type Scene, type SceneContext, watchMemory } from './scene.ts'
import { Tally } from './tally.ts'
import { runWorkload } from './workload.ts'

const PLACE = 'FastDFS behind nginx'

export const CACHE_DISK_FULL: Scene = {
  fault: "disk of nginx's cache full",
  place: PLACE,
  badHosts: 0,
  run: (at) => serveOverDisk(at, fill),
  whyNot: whyNoDisk,
}

export const CACHE_DISK_READ_ONLY: Scene = {
  fault: "disk of nginx's cache read-only",
  place: PLACE,
  badHosts: 0,
  run: (at) => serveOverDisk(at, async (disk) => disk.setReadOnly(true)),
  whyNot: whyNoDisk,
}

async function serveOverDisk(
  { t, places, scale }: SceneContext,
  spoil: (disk: SmallDisk) => Promise<void>,
): Promise<Tally> {
  const place = await places.get('FastDFS')
  const { files } = place.stand
  const disk = new SmallDisk(32)
  t.after(() => disk.remove())
  const cachePath = join(disk.path, 'cache')
  const settings = place.settings({ isProxied: false }).replace(/^nginx_cache_path = .*$/m, '')
  const serve = await ServeProcess.start(t, `nginx_cache_path = ${cachePath}\n${settings}`)
  const { url } = await startNginx(t, { edgePort: serve.port, cachePath })
  return watchMemory({ serve, files, scale }, async () => {
    const tally = new Tally()
    await spoil(disk)
    await untilNoticed(serve.url, files.small[0]?.path ?? '')
    await runWorkload({ url, files, ...loadOf(scale) }, tally)
    return tally
  })
}

/** The edge looks once a second: until then answers are cut, as they are without it. */
async function untilNoticed(url: string, path: string): Promise<void> {
  const isNoticed = async (): Promise<boolean> =>
    (await fetch(url.slice(0, -1) + path)).headers.get('x-accel-expires') === '0'
  while (!(await isNoticed())) await delay(50)
}

async function fill({ path }: SmallDisk): Promise<void> {
  await writeFile(join(path, 'rubbish'), Buffer.alloc(40 * 1024 * 1024)).catch(() => undefined)
}
