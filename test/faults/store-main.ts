// A whole store in a process of its own, so that it can be killed and stopped. Argument: StoreArgument.
import { startEmbeddedFastdfs } from '../../src/embedded/embedded-fastdfs.ts'
import {
  type EmbeddedMogilefs,
  startEmbeddedMogilefs,
} from '../../src/embedded/embedded-mogilefs.ts'
import type { ServerAddress } from '../../src/wire/fastdfs/tracker-messages.ts'
import { formatFidUrl, parseFidUrl } from '../../src/wire/mogilefs/fid-path.ts'
import type { FaultOrder, LieName, StoreArgument } from './store-process.ts'

const argument: StoreArgument = JSON.parse(process.argv[2] ?? '')
const { system, dataDir, tracker, storages } = argument

/** Nobody listens there. */
const NOWHERE = { ipAddr: '127.0.0.1', port: 1 }
/** What all trackers say, though each process has ports of its own; the edge maps addresses. */
const PORT = system === 'fastdfs' ? 23_000 : 7500

type Paths = readonly string[]

const PATH_LIES: { readonly [name in LieName]: (paths: Paths) => Paths } = {
  unlisted: (paths) => paths.map((path) => path.replace(/^http:\/\/[^/]+/, 'http://127.0.0.1:1')),
  elsewhere: (paths) => paths.map((path) => path.replace(/\/dev[0-9]+\//, '/dev9/')),
  otherFile: (paths) => paths.map(urlOfNeighbour),
}

function urlOfNeighbour(text: string): string {
  const url = parseFidUrl(text)
  if (url === undefined) return text
  return formatFidUrl({ ...url, fid: url.fid > 2 ? url.fid - 1 : url.fid + 1 })
}

if (system === 'fastdfs') await startFastdfs()
else await startMogilefs()
process.on('disconnect', () => process.exit())
process.send?.('ready')

async function startFastdfs(): Promise<void> {
  const [other] = storages.slice(-1)
  const store = await startEmbeddedFastdfs({
    dataDir,
    tracker,
    groups: [
      { groupName: 'group1', storages: storages.slice(0, -1) },
      { groupName: 'group2', storages: other === undefined ? [] : [other] },
    ],
  })
  const elsewhere = other === undefined ? [] : [{ ipAddr: other.host, port: other.port }]
  const lies = { unlisted: () => [NOWHERE], elsewhere: () => elsewhere, otherFile: () => elsewhere }
  const truth = (servers: readonly ServerAddress[]) =>
    servers.map(({ ipAddr }) => ({ ipAddr, port: PORT }))
  store.tracker.faults = { lie: truth }
  process.on('message', (order: FaultOrder) => {
    const lie = order.lie === undefined ? truth : lies[order.lie]
    if (order.of === 'tracker') store.tracker.faults = { lie }
    else for (const storage of store.storages) storage.faults = order.faults
    process.send?.('done')
  })
}

async function startMogilefs(): Promise<void> {
  const store: EmbeddedMogilefs = await startEmbeddedMogilefs({
    dataDir,
    trackers: [tracker],
    storages: storages.map((address, index) => ({ ...address, devids: [index + 1] })),
  })
  for (const daemon of store.trackers) daemon.isObserving = false
  store.store.exec(`UPDATE host SET http_port = ${PORT}`)
  process.on('message', (order: FaultOrder) => {
    const faults = order.lie === undefined ? order.faults : { lie: PATH_LIES[order.lie] }
    const daemons = order.of === 'tracker' ? store.trackers : store.mogstoreds
    for (const daemon of daemons) daemon.faults = faults
    process.send?.('done')
  })
}
