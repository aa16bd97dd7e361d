import { rename } from 'node:fs/promises'
import { Appender, keepChanging } from './appender.ts'
import type { Place } from './place.ts'
import type { FaultRow } from './rows.ts'
import type { Stand } from './stand.ts'

// What may change under its name is read from its source, while that is well; nothing in the name says
// what it is now.

type Begin = FaultRow['begin']

const killed = (count: number): Begin => {
  return async ({ stand }) => {
    for (const { process } of stand.storages.slice(0, count)) await process.kill()
  }
}
const hung = (count: number): Begin => {
  return async ({ stand }) => {
    for (const { process } of stand.storages.slice(0, count)) await process.suspend()
  }
}

function slaves(fault: string, badHosts: number, more: Pick<FaultRow, 'begin' | 'end'>): FaultRow {
  return {
    fault: `slaves: ${fault}`,
    place: 'FastDFS',
    badHosts,
    files: ({ stand }) => ({ ...stand.files, small: stand.files.slaves }),
    ...more,
  }
}

/** On the disk of one storage they are under another name, or under their own again. */
async function hideSlaves({ stand }: Place, storage: number, isHidden: boolean): Promise<void> {
  for (const slave of stand.files.slaves) {
    const path = stand.diskPath(storage, slave)
    const hidden = `${path}.hidden`
    await (isHidden ? rename(path, hidden) : rename(hidden, path))
  }
}

const missingOn = (storage: number): Pick<FaultRow, 'begin' | 'end'> => ({
  begin: (place) => hideSlaves(place, storage, true),
  end: (place) => hideSlaves(place, storage, false),
})

const SLAVE_ROWS: readonly FaultRow[] = [
  slaves('one storage killed', 1, { begin: killed(1) }),
  slaves('two storages hung', 2, { begin: hung(2) }),
  slaves('missing on one replica', 0, missingOn(1)),
]

/** Three that are read whole, and one that is streamed. */
interface Appenders {
  readonly growing: Appender
  readonly modified: Appender
  readonly truncated: Appender
  readonly large: Appender
}

/** They go on from row to row with what they have become. */
const opened = new WeakMap<Stand, Appenders>()

async function openAppenders({ stand }: Place): Promise<void> {
  const [growing, modified, truncated, large] = await Promise.all(
    stand.files.appenders.map((file) => Appender.open(stand, file)),
  )
  if (!growing || !modified || !truncated || !large) throw new Error('there are too few appenders')
  opened.set(stand, { growing, modified, truncated, large })
}

function appendersOf({ stand }: Place): Appenders {
  const appenders = opened.get(stand)
  if (appenders === undefined) throw new Error('the appenders were not opened')
  return appenders
}

/**
 * Each changes in its own way. A storage reads a large one in pieces, and in the length that it had before:
 * one that was changed in several ways could show by halves, whoever asks.
 */
function changeAll({ growing, modified, truncated, large }: Appenders): () => Promise<void> {
  return keepChanging(async (turn) => {
    await growing.append(turn)
    await modified.modify(turn)
    await truncated.truncateOrRestore()
    await large.append(turn)
  })
}

/** A body that was begun cannot go on from another storage: there the file may be another one. */
function appenders(fault: string, more: Pick<FaultRow, 'begin' | 'isProxied'>): FaultRow {
  return {
    fault: `appenders that change: ${fault}`,
    place: 'FastDFS',
    badHosts: 1,
    cutsMax: Number.POSITIVE_INFINITY,
    prepare: openAppenders,
    files: (place) => {
      const { large, ...small } = appendersOf(place)
      return { small: Object.values(small), large: [large] }
    },
    during: async (place) => changeAll(appendersOf(place)),
    ...more,
  }
}

const APPENDER_ROWS: readonly FaultRow[] = [
  appenders('nothing fails', { begin: async () => {} }),
  appenders('source killed', { begin: killed(1) }),
  appenders('source hung', { begin: hung(1) }),
  appenders('source cut after 1 MB', {
    isProxied: true,
    begin: async ({ stand }) => stand.storages[0]?.proxy.set({ cutAfterBytes: 1_000_000 }),
  }),
]

export const CHANGING_ROWS: readonly FaultRow[] = [...SLAVE_ROWS, ...APPENDER_ROWS]
