import { startEmbeddedMogilefs } from '../../src/embedded/embedded-mogilefs.ts'
import { childArgument, sayReady } from '../support/child.ts'

/** A tracker and a mogstored; `files` rows of the key `seller/2026/N.jpg` without any file. */
const { dataDir, files } = childArgument<{ dataDir: string; files: number }>()
const store = await startEmbeddedMogilefs({
  dataDir,
  trackers: [{ host: '127.0.0.1', port: 0 }],
  storages: [{ host: '127.0.0.1', port: 0, devids: [1, 2] }],
  domains: [{ name: 'img' }],
})
const FIRST_FID = 1_000_000
store.store.exec(`
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${files})
  INSERT INTO file (fid, dmid, dkey, length, classid, devcount)
    SELECT ${FIRST_FID} + i, dmid, 'seller/2026/' || i || '.jpg', 30720, 0, 2
    FROM n, domain WHERE namespace = 'img' AND ${files} > 0;
  INSERT INTO file_on (fid, devid)
    SELECT fid, devid FROM file, device WHERE fid > ${FIRST_FID}`)
const tracker = store.trackers[0]?.address
sayReady({ tracker, storage: store.mogstoreds[0]?.address })
