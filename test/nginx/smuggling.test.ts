import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { ambiguousMessages } from '../suites/smuggling.ts'
import { formatRequest, numberedBytes } from '../support/edge-fixture.ts'
import { NginxFixture } from '../support/nginx-fixture.ts'
import { normalId } from './file-ids.ts'

const OUTER = numberedBytes(100)
const HIDDEN = numberedBytes(200)
const OTHERS = numberedBytes(300)

/** By the include, and by a location of an operator's own that hands everything on. */
const LOCATIONS = {
  'the include': ({ dir }: { dir: string }) =>
    `location / { include ${dir}/ngx_fastdfs_module.conf; }`,
  'a plain proxy_pass': () =>
    'location / { proxy_pass http://dfs_edge; proxy_http_version 1.1; proxy_set_header Connection ""; }',
}

for (const [name, server] of Object.entries(LOCATIONS)) {
  describe(`a request that may be read in two ways, by ${name}`, () => {
    const nginx = NginxFixture.use({ server })
    before(() => nginx.edge.transfer.add(normalId(1), OUTER))

    for (const [index, message] of ambiguousMessages(normalId(1), normalId(2)).entries()) {
      it(`${message.what}: each client goes on having its own answers`, async () => {
        const [hidden, theirs] = [normalId(1000 + index), normalId(2000 + index)]
        nginx.edge.transfer.add(hidden, HIDDEN)
        nginx.edge.transfer.add(theirs, OTHERS)
        const bytes = message.bytes.replaceAll(normalId(2), hidden)
        const attacker = nginx.connect().send(bytes)
        attacker.socket.end()
        await attacker.readToEnd()
        // Over the connection to the edge that the message has gone over, if it has gone over any.
        const victim = nginx.connect()
        for (let count = 0; count < 3; count += 1) {
          victim.send(formatRequest(theirs, {}))
          assert.deepEqual((await victim.read()).body, OTHERS)
        }
        await victim.assertAlive()
      })
    }
  })
}

describe('words for the edge that a client says to nginx', () => {
  const nginx = NginxFixture.use({
    server: LOCATIONS['the include'],
    edge: {
      urls: {
        fastdfs: { hasGroupName: true, groupName: 'group1', isGroup: () => true },
        mogilefs: {
          domainOfHost: () => undefined,
          isDomain: (name) => name === 'img',
          hasLeadingSlash: false,
        },
      },
    },
  })

  for (const [name, value] of [
    ['X-Dfs-Question', '5'],
    ['X-Dfs-Fid', '7'],
    ['X-Dfs-Args', 'attname=x'],
    ['X-Dfs-Token-Checked', '1'],
    ['X-Mogilefs-Domain', 'img'],
    ['X_Mogilefs_Domain', 'img'],
    ['X-Accel-Redirect', '/etc/passwd'],
    ['X-Original-URL', '/img/other'],
    ['X-Rewrite-URL', '/img/other'],
    ['X-Forwarded-Host', 'img.example.com'],
    ['X-HTTP-Method-Override', 'DELETE'],
    ['Transfer-Encoding', 'x'],
  ] as const) {
    it(`${name} plants nothing for others`, async () => {
      const path = normalId(name.length * 100 + value.length)
      nginx.edge.transfer.add(path, OUTER)
      const client = nginx.connect().send(formatRequest(path, { headers: { [name]: value } }))
      const asked = await client.read()
      if (name !== 'Transfer-Encoding') assert.deepEqual(asked.body, OUTER)
      const { status, headers, body } = await nginx.request(path)
      assert.deepEqual([status, body], [200, OUTER])
      assert.equal(headers['x-dfs-answer'], undefined)
      assert.equal(headers['content-disposition'], undefined)
    })
  }
})
