// A store in a process of its own, for a test that kills it. Argument: the data folder.
import { startEmbeddedFastdfs } from '../../src/embedded/embedded-fastdfs.ts'

const { storages } = await startEmbeddedFastdfs({
  dataDir: process.argv[2] ?? '',
  tracker: { host: '127.0.0.1', port: 0 },
  groups: [{ groupName: 'group1', storages: [{ host: '127.0.0.1', port: 0 }], storePathCount: 2 }],
})
process.stdout.write(`${JSON.stringify(storages[0]?.address)}\n`)
