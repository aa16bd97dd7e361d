import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Stack, startStack } from '../support/edge-stack.ts'
import { freePort } from '../support/free-port.ts'
import { randomContent } from '../support/random-content.ts'
import { SocketSupervisor, type Supervised } from '../support/socket-supervisor.ts'
import { SteadyLoad } from '../support/steady-load.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const APP = fileURLToPath(new URL('../../src/app/', import.meta.url))
const CONTENT = randomContent(30_000)
/** As another Node than the one that is needed is: it starts that as its child. */
const AS_CHILD = ['--node', join(APP, 'main.ts')]

/** Sockets that outlive the edges that accept from them. */
class Handover {
  readonly url: string
  readonly #supervisor: SocketSupervisor
  readonly #confPath: string
  #starts = 0

  private constructor(supervisor: SocketSupervisor, confPath: string, path: string) {
    this.#supervisor = supervisor
    this.#confPath = confPath
    this.url = `${this.base}${path}`
  }

  static async start(t: TestContext, settings: string): Promise<Handover> {
    const stack = await startStack(t)
    const supervisor = await SocketSupervisor.start(t, 2)
    const confPath = join(await temporaryFolder(t), 'edge.conf')
    await writeFile(confPath, confOf(stack, supervisor.ports, settings))
    const { groupName, filename } = await stack.upload(CONTENT, { extName: 'jpg' })
    return new Handover(supervisor, confPath, `${groupName}/${filename}`)
  }

  get base(): string {
    return `http://127.0.0.1:${this.#supervisor.ports[0]}/`
  }

  get admin(): string {
    return `http://127.0.0.1:${this.#supervisor.ports[1]}/`
  }

  get log(): string {
    return this.#supervisor.log
  }

  launch(launcherArgs: readonly string[] = []): Supervised {
    const launcher = join(APP, 'launcher.js')
    const args = [...launcherArgs, 'serve', '--conf', this.#confPath]
    return this.#supervisor.run([process.execPath, launcher, ...args])
  }

  /** Until it listens. */
  async begin(launcherArgs: readonly string[] = []): Promise<Supervised> {
    const edge = this.launch(launcherArgs)
    this.#starts += 1
    await this.#said('serving', this.#starts)
    return edge
  }

  async reload(edge: Supervised): Promise<void> {
    process.kill(await edge.pid, 'SIGHUP')
    await this.#said('serving as newly configured', 1)
  }

  #said(message: string, times: number): Promise<void> {
    const has = (): boolean => this.#supervisor.says(message, times)
    return waitFor(message, has, () => this.log)
  }
}

function confOf({ store }: Stack, ports: readonly number[], settings: string): string {
  const { host, port } = store.tracker.address
  return `listen = 127.0.0.1:${ports[0]}
admin_listen = 127.0.0.1:${ports[1]}
tracker_server = ${host}:${port}
nginx_cache_path = /does/not/exist
${settings}
`
}

function startLoads(t: TestContext, url: string): SteadyLoad[] {
  const loads = [true, false].map(
    (keepAlive) => new SteadyLoad(url, CONTENT, { clients: 4, keepAlive }),
  )
  for (const load of loads) t.after(() => load.stop())
  return loads
}

async function untilMore(loads: readonly SteadyLoad[]): Promise<void> {
  const before = loads.map(({ answers }) => answers)
  const hasMore = (load: SteadyLoad, index: number) => load.answers > (before[index] ?? 0) + 50
  await waitFor('more answers', () => loads.every(hasMore))
}

async function failuresOf(loads: readonly SteadyLoad[]): Promise<string[]> {
  return (await Promise.all(loads.map((load) => load.stop()))).flat()
}

for (const [workers, launcherArgs] of [
  ['1', []],
  ['2', AS_CHILD],
] as const) {
  test(`stopped, then started again with ${workers} processes: what comes in waits, nothing is lost`, async (t) => {
    const handover = await Handover.start(t, `workers = ${workers}`)
    const old = await handover.begin(launcherArgs)
    const loads = startLoads(t, handover.url)
    await untilMore(loads)
    assert.equal(await old.stop(), 0)
    const health = fetch(`${handover.admin}healthz`)
    const edge = await handover.begin(launcherArgs)
    assert.equal((await health).status, 200)
    await untilMore(loads)
    assert.deepEqual(await failuresOf(loads), [], handover.log)
    assert.equal(await edge.stop(), 0)
  })

  test(`a new edge of ${workers} processes beside the old one, which then stops: nothing is lost`, async (t) => {
    const handover = await Handover.start(t, `workers = ${workers}`)
    const old = await handover.begin(launcherArgs)
    const loads = startLoads(t, handover.url)
    await untilMore(loads)
    const edge = await handover.begin(launcherArgs)
    await untilMore(loads)
    assert.equal(await old.stop(), 0)
    await untilMore(loads)
    assert.equal((await fetch(`${handover.admin}healthz`)).status, 200)
    assert.deepEqual(await failuresOf(loads), [], handover.log)
    assert.equal(await edge.stop(), 0)
  })
}

test('a reload and the death of all processes leave the sockets open', async (t) => {
  const handover = await Handover.start(t, 'workers = 2')
  const edge = await handover.begin()
  const loads = startLoads(t, handover.url)
  await untilMore(loads)
  await handover.reload(edge)
  await untilMore(loads)
  assert.deepEqual(await failuresOf(loads), [], handover.log)
  const pid = await edge.pid
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  for (const child of children) process.kill(Number(child), 'SIGKILL')
  assert.equal((await fetch(handover.url)).status, 200)
  assert.equal(await edge.stop(), 0)
})

test('a socket that no setting names is told, for its clients would wait for ever', async (t) => {
  const handover = await Handover.start(t, `admin_listen = 127.0.0.1:${await freePort()}`)
  const port = new URL(handover.admin).port
  assert.equal(await handover.launch().ended, 2)
  assert.match(handover.log, new RegExp(`neither listen nor admin_listen .* 127.0.0.1:${port},`))
})
