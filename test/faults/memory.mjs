// Loaded before the edge with --expose-gc: at SIGUSR2 it collects its garbage and writes into a file how
// many bytes are in use. What the allocator keeps of freed memory is no leak.
import { writeFileSync } from 'node:fs'

process.on('SIGUSR2', () => {
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  writeFileSync(`${process.env.FAULTS_MEMORY}.${process.pid}`, `${heapUsed + external}\n`)
})
