import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

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
