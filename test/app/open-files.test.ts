import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clientConnectionsMax, openFilesMax, readOpenFilesMax } from '../../src/app/open-files.ts'

const LIMITS = `Limit                     Soft Limit           Hard Limit           Units
Max processes             95979                95979                processes
Max open files            1024                 1048576              files
Max locked memory         8388608              8388608              bytes
`

describe('the limit of open files', () => {
  it('is the soft one', () => {
    assert.equal(readOpenFilesMax(LIMITS), 1024)
    assert.equal(readOpenFilesMax(LIMITS.replace('1024 ', 'unlimited ')), undefined)
    assert.ok((openFilesMax() ?? 0) > 100)
  })

  it('leaves a storage for each client', () => {
    const connections = [128, 1024, 65_536, 10, undefined].map((openFiles) =>
      clientConnectionsMax({ maxConnections: 16_384 }, openFiles),
    )
    assert.deepEqual(connections, [25, 384, 16_384, 1, 16_384])
  })
})
