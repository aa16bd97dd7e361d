import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { CacheDisk } from '../../src/app/cache-disk.ts'
import { SmallDisk, whyNoDisk } from '../support/small-disk.ts'
import { waitFor } from '../support/wait-for.ts'

const everyMs = 5

test('a folder that is not there is no reason to keep nothing', async () => {
  const disk = await CacheDisk.watch({ path: '/does/not/exist', everyMs })
  assert.equal(disk.isUsable, true)
  disk.close()
})

test('full, read-only and as before', { skip: whyNoDisk() }, async (t) => {
  const small = new SmallDisk(8)
  t.after(() => small.remove())
  const path = join(small.path, 'cache')
  const disk = await CacheDisk.watch({ path, everyMs })
  t.after(() => disk.close())
  assert.equal(disk.isUsable, true, 'before nginx has made its folder')
  await mkdir(path)
  const rubbish = join(small.path, 'rubbish')
  await writeFile(rubbish, Buffer.alloc(16 * 1024 * 1024)).catch(() => undefined)
  await waitFor('full', () => !disk.isUsable)
  await writeFile(rubbish, '')
  await waitFor('room', () => disk.isUsable)
  small.setReadOnly(true)
  await waitFor('read-only', () => !disk.isUsable)
  small.setReadOnly(false)
  await waitFor('writable', () => disk.isUsable)
})
