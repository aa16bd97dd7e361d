import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { freePort } from '../support/free-port.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { waitFor } from '../support/wait-for.ts'

const APP = new URL('../../src/app/', import.meta.url).href
const PROGRAM = `
import { exitOnFault } from '${APP}exit-on-fault.ts'
import { LogDestination } from '${APP}log-destination.ts'
import { createLogger } from '${APP}logger.ts'
exitOnFault(createLogger('info', await LogDestination.open(null)))
setInterval(() => undefined, 1000)
`

for (const [origin, fault] of [
  ['uncaughtException', "setTimeout(() => { throw new Error('why', { cause: 'because' }) })"],
  ['unhandledRejection', "void Promise.reject(new Error('why', { cause: 'because' }))"],
]) {
  test(`${origin} is told with its cause, and ends the process`, () => {
    const args = ['--input-type=module-typescript', '--eval', PROGRAM + fault]
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    assert.equal(status, 70, stderr)
    const { level, origin: told, err } = JSON.parse(stderr)
    assert.deepEqual([level, told, err.message], [60, origin, 'why'])
    assert.match(err.stack, /at .*eval/)
  })
}

const FAULT_AT_SIGNAL = "process.on('SIGUSR2',()=>{throw(new(Error)('planted'))})"

test('an edge process with a fault is replaced, the primary leaves it to its supervisor', async (t) => {
  const settings = `tracker_server = 127.0.0.1:${await freePort()}`
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${FAULT_AT_SIGNAL}` }
  const serve = await ServeProcess.start(t, settings, { env })
  const [faulty] = serve.workers
  process.kill(faulty ?? 0, 'SIGUSR2')
  await waitFor('another process', () => serve.workers.some((pid) => pid !== faulty))
  assert.ok(serve.says('a fault of the program, the process ends'), serve.log)
  assert.match(serve.log, /"code":70,.*"msg":"an edge process died, another one is started"/)
  assert.equal((await fetch(serve.url)).status, 404)
  assert.equal(await serve.stop('SIGUSR2'), 70)
  assert.ok(serve.says('a fault of the program, the process ends', 2), serve.log)
})
