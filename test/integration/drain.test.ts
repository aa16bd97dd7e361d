import assert from 'node:assert/strict'
import { get, type IncomingMessage } from 'node:http'
import { type TestContext, test } from 'node:test'
import { startStack } from '../support/edge-stack.ts'
import { randomContent } from '../support/random-content.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { waitFor } from '../support/wait-for.ts'

/** More than all buffers between a storage and a client hold. */
const CONTENT = randomContent(48 * 1024 * 1024)
const DRAIN_MS = 2000

/** An edge with one answer under way, of which its client has taken a little. */
async function startAnswering(t: TestContext) {
  const { store, upload } = await startStack(t)
  const { host, port } = store.tracker.address
  const settings = `tracker_server = ${host}:${port}\ndrain_timeout = ${DRAIN_MS / 1000}`
  const serve = await ServeProcess.start(t, settings)
  const { groupName, filename } = await upload(CONTENT, { extName: 'mp4' })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(`${serve.url}${groupName}/${filename}`, resolve).once('error', reject)
  })
  let bytes = 0
  const ended = new Promise<number>((resolve) => {
    response.once('close', () => resolve(bytes)).once('error', () => undefined)
  })
  const take = (): void => void response.on('data', (chunk: Buffer) => (bytes += chunk.length))
  return { serve, ended, take }
}

test('an answer under way ends before the edge does', async (t) => {
  const { serve, ended, take } = await startAnswering(t)
  const stopped = serve.stop()
  await waitFor('stopping', () => serve.says('stopping'))
  take()
  assert.equal(await ended, CONTENT.length)
  assert.equal(await stopped, 0)
  assert.match(serve.log, /"status":200,"bytes":50331648,.*"msg":"request"/)
  assert.match(serve.log, /"msg":"stopped"/)
  assert.doesNotMatch(serve.log, /"cut"/)
})

test('one that takes longer than drain_timeout is cut, and the log says so', async (t) => {
  const { serve, ended, take } = await startAnswering(t)
  const startedAt = performance.now()
  assert.equal(await serve.stop(), 0, serve.log)
  assert.ok(performance.now() - startedAt >= DRAIN_MS)
  take()
  assert.ok((await ended) < CONTENT.length)
  assert.match(serve.log, /"answers":1,"msg":"answers that did not end in time are cut"/)
  assert.match(serve.log, /"status":200,"end":"cut".*"msg":"request"/)
})
