import assert from 'node:assert/strict'
import { test } from 'node:test'
import { firstAnswer } from '../../src/client/first-answer.ts'
import { HostHealth } from '../../src/client/host-health.ts'
import { httpFault } from '../../src/client/http-fault.ts'
import { requireNotFound } from '../../src/resolver/verdict.ts'

function failed(code: string): Error {
  return Object.assign(new Error(`connect ${code}`), { code, syscall: 'connect' })
}

test('no descriptor left is no fault of a host: it is not avoided, and the edge is overloaded', async () => {
  const health = new HostHealth({ recoverMs: 60_000, now: () => 0 })
  const ask = async (): Promise<string> => {
    throw httpFault(failed('EMFILE'), 'a:1')
  }
  const { signal } = new AbortController()
  const options = { signal, hedgeMs: 1000, health, observe: () => undefined }
  const outcome = await firstAnswer([{ host: 'a:1', ask }], options)
  assert.equal(health.isFailing('a:1'), false)
  assert.throws(() => requireNotFound(outcome, null), { code: 'overloaded' })
})

test('a refused connection is', () => {
  assert.equal(httpFault(failed('ECONNREFUSED'), 'a:1').code, 'connect_failed')
  const both = new AggregateError([failed('EMFILE'), failed('EMFILE')])
  assert.equal(httpFault(both, 'a:1').code, 'overloaded')
})
