import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import pino from 'pino'
import { startEdge } from '../../src/app/wiring.ts'
import { startStack } from '../support/edge-stack.ts'
import { randomContent } from '../support/random-content.ts'

test('at warn there is no line for a request, and one for a cause that repeats', async (t) => {
  const stack = await startStack(t)
  const { groupName, filename } = await stack.upload(randomContent(1000), { extName: 'jpg' })
  const lines: Record<string, unknown>[] = []
  const write = (line: unknown, _encoding: string, done: () => void): void => {
    lines.push(JSON.parse(`${line}`))
    done()
  }
  const logger = pino({ level: 'warn', base: null }, new Writable({ write }))
  const listen = [{ host: '127.0.0.1', port: 0 }]
  const edge = await startEdge({ ...stack.conf, listen }, { logger })
  t.after(() => edge.close(0))
  const url = `${edge.urls[0]}${groupName}/${filename}`
  const ask = async (): Promise<number> => {
    const response = await fetch(url)
    await response.arrayBuffer()
    return response.status
  }
  assert.equal(await ask(), 200)
  assert.deepEqual(lines, [])
  edge.purge({ kind: 'url', url: `/${groupName}/${filename}` })
  const [storage] = stack.store.storages
  await storage?.stop()
  for (let i = 0; i < 5; i += 1) assert.equal(await ask(), 502)
  await edge.close(0)
  const told = lines.filter(({ msg }) => msg === 'a request failed')
  assert.deepEqual(
    told.map(({ code, repeats }) => [code, repeats]),
    [
      ['replicas_failed', undefined],
      // As many as were not told before the end.
      ['replicas_failed', 4],
    ],
  )
  assert.match(JSON.stringify(told[0]), /127\.0\.0\.2:/)
})
