import { startEmbeddedFastdfs } from '../../src/embedded/embedded-fastdfs.ts'
import { childArgument, sayReady } from '../support/child.ts'

const { dataDir } = childArgument<{ dataDir: string }>()
const store = await startEmbeddedFastdfs({
  dataDir,
  tracker: { host: '127.0.0.1', port: 0 },
  groups: [{ groupName: 'group1', storages: [{ host: '127.0.0.1', port: 0 }] }],
})
const storage = store.storages[0]?.address
const [storePath] = store.storePaths('group1')
sayReady({ tracker: store.tracker.address, storage, storePath })
