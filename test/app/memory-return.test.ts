import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MemoryReturn } from '../../src/app/memory-return.ts'

/** A process in which everything above `inUse` is garbage, and which has been quiet once. */
function start() {
  const process = { inUse: 100, resident: 100, sockets: 4, busy: 0, collections: 0 }
  const memory = new MemoryReturn({
    collect: () => {
      process.collections += 1
      process.resident = process.inUse
    },
    residentBytes: () => process.resident,
    openResources: () => process.sockets,
    busyShare: () => process.busy,
  })
  memory.look()
  return { memory, process }
}

describe('memory that nobody uses', () => {
  it('is given back once the process is quiet again', () => {
    const { memory, process } = start()
    Object.assign(process, { resident: 300, busy: 0.5 })
    memory.look()
    assert.equal(process.resident, 300)
    process.busy = 0.01
    memory.look()
    assert.equal(process.resident, 100)
  })

  it('is not looked for while there is hardly more than there was', () => {
    const { memory, process } = start()
    process.resident = 110
    for (let i = 0; i < 3; i += 1) memory.look()
    assert.equal(process.collections, 1)
  })

  it('is not looked for again where what there is more is in use', () => {
    const { memory, process } = start()
    Object.assign(process, { inUse: 400, resident: 500 })
    for (let i = 0; i < 3; i += 1) memory.look()
    assert.deepEqual([process.resident, process.collections], [400, 2])
  })

  it('is given back when those have gone who had it in use while it was quiet', () => {
    const { memory, process } = start()
    Object.assign(process, { inUse: 400, resident: 400, sockets: 1000 })
    memory.look()
    Object.assign(process, { inUse: 100, sockets: 10 })
    for (let i = 0; i < 3; i += 1) memory.look()
    assert.deepEqual([process.resident, process.collections], [100, 3])
  })
})
