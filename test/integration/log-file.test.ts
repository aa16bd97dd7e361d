import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { waitFor } from '../support/wait-for.ts'

const ROTATIONS = 5

/** Lines of all files, the oldest file first; each must be whole. */
function linesOf(folder: string): Record<string, unknown>[] {
  const names = readdirSync(folder).filter((name) => name.startsWith('edge.log'))
  const text = names.map((name) => readFileSync(join(folder, name), 'utf8')).join('')
  return text.split('\n').flatMap((line) => (line === '' ? [] : JSON.parse(line)))
}

/** A serve whose every answer is a 503, which it logs with the id of the request. */
async function startFailing(t: TestContext): Promise<{ serve: ServeProcess; settings: string }> {
  const settings = `tracker_server = 127.0.0.1:${await freePort()}\nworkers = 2`
  return { serve: await ServeProcess.start(t, settings), settings }
}

async function logTo(file: string, { serve, settings }: { serve: ServeProcess; settings: string }) {
  await serve.configure(`${settings}\nlog_file = ${file}`)
  serve.signal('SIGHUP')
}

const URL_PATH = 'group1/M00/00/00/wKgBcFxxxxxAAAAAAAAAAAAAAAA123.jpg'

test('a log that is rotated under load has every line, each whole', async (t) => {
  const started = await startFailing(t)
  const { serve } = started
  await logTo('edge.log', started)
  const file = join(serve.folder, 'edge.log')
  const says = (text: string) => existsSync(file) && readFileSync(file, 'utf8').includes(text)
  await waitFor('the log', () => says('serving as newly configured'))
  const ids: string[] = []
  let isStopped = false
  const ask = async (): Promise<void> => {
    while (!isStopped) {
      const response = await fetch(serve.url + URL_PATH)
      assert.equal(response.status, 503)
      ids.push(response.headers.get('x-request-id') ?? '')
    }
  }
  // It is the primary that says so.
  for (const pid of serve.workers) process.kill(pid, 'SIGUSR1')
  const load = Promise.all(Array.from({ length: 8 }, ask))
  for (let i = 0; i < ROTATIONS; i += 1) {
    const { length } = ids
    await waitFor('load', () => ids.length > length + 50)
    await rename(file, `${file}.${i}`)
    serve.signal('SIGUSR1')
    await waitFor('an edge process has the new file', () => says('"request"'))
  }
  isStopped = true
  await load
  assert.equal(await serve.stop(), 0)
  const requests = linesOf(serve.folder).filter(({ msg }) => msg === 'request')
  const logged = requests.map((line) => line['requestId'])
  assert.deepEqual(logged.toSorted(), ids.toSorted())
  assert.equal(readdirSync(serve.folder).length, ROTATIONS + 2)
  assert.doesNotMatch(serve.log, /Debugger/)
})

test('a log file that cannot be opened is refused, and where it is lost the old one goes on', async (t) => {
  const started = await startFailing(t)
  const { serve } = started
  await logTo('missing/edge.log', started)
  await waitFor('the refusal', () =>
    serve.says('the new configuration is refused, the old one stays'),
  )
  assert.match(serve.log, /log_file cannot be written/)
  assert.equal((await fetch(serve.url + URL_PATH)).status, 503)
  assert.equal(await serve.stop(), 0)
})

test('a full disk under the log ends nothing', async (t) => {
  const started = await startFailing(t)
  const { serve } = started
  const old = serve.workers
  await logTo('/dev/full', started)
  await waitFor('new processes', () => serve.workers.every((pid) => !old.includes(pid)))
  serve.signal('SIGUSR1')
  for (let i = 0; i < 4; i += 1) assert.equal((await fetch(serve.url + URL_PATH)).status, 503)
  assert.equal(await serve.stop(), 0)
})

test('a reader of standard error that goes away ends nothing', async (t) => {
  const { serve } = await startFailing(t)
  serve.stopReading()
  const { workers } = serve
  for (let i = 0; i < 4; i += 1) assert.equal((await fetch(serve.url + URL_PATH)).status, 503)
  assert.deepEqual(serve.workers, workers)
  assert.equal(await serve.stop(), 0)
})
