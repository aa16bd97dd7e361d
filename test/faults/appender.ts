import { type FileHandle, open, readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { randomContent } from '../support/random-content.ts'
import type { Stand } from './stand.ts'
import type { StoredFile } from './workload.ts'

/** One change: what is written where, and how long the file is afterwards. */
interface Change {
  readonly bytes: Buffer
  readonly at: number
  readonly size: number
}

/** More than any request outlasts. */
const STATES_KEPT = 400
/** A file that a write makes longer is so page by page (ext4): each is a length that it has for a moment. */
const PAGE_BYTES = 4096
const ROOM_BYTES = 500_000
const PACE_MS = 50
const PIECE_BYTES = 2000
const MODIFIED_BYTES = 64

/**
 * An appender that is written to while it is read, on the disks of all its storages, the source's first.
 * A storage that reads it sees one of its states.
 */
export class Appender implements StoredFile {
  readonly path: string
  /** What it was at some time, the latest last. */
  readonly states: Buffer[]
  readonly #disks: readonly string[]
  /** States that only grew share it: a large one is not copied for each. */
  #memory = Buffer.alloc(0)
  #cutOff = Buffer.alloc(0)

  constructor({ path, content }: StoredFile, disks: readonly string[]) {
    this.path = path
    this.#disks = disks
    this.states = [this.#copy(content)]
  }

  /** The one file under its path on the disk of each storage. */
  static async open(stand: Stand, file: StoredFile): Promise<Appender> {
    const disks = stand.storages.map((_, index) => stand.diskPath(index, file))
    return new Appender({ ...file, content: await readFile(disks[0] ?? '') }, disks)
  }

  get content(): Buffer {
    return this.states.at(-1) ?? Buffer.alloc(0)
  }

  append(seed: number): Promise<void> {
    const { length } = this.content
    const bytes = randomContent(PIECE_BYTES, seed)
    return this.#change({ bytes, at: length, size: length + PIECE_BYTES })
  }

  modify(seed: number): Promise<void> {
    const { length } = this.content
    return this.#change({ bytes: randomContent(MODIFIED_BYTES, seed), at: 0, size: length })
  }

  /** Cuts it, or makes it again what it was before. */
  truncateOrRestore(): Promise<void> {
    const [bytes, at] = [this.#cutOff, this.content.length]
    if (bytes.length > 0) {
      this.#cutOff = Buffer.alloc(0)
      return this.#change({ bytes, at, size: at + bytes.length })
    }
    const size = at >> 1
    this.#cutOff = Buffer.from(this.content.subarray(size))
    return this.#change({ bytes, at: 0, size })
  }

  #changed({ bytes, at, size }: Change): Buffer {
    const { content } = this
    const isGrown = at === content.length && size <= this.#memory.length
    const next = isGrown ? this.#memory.subarray(0, size) : this.#copy(content, size)
    bytes.copy(next, at)
    return next
  }

  #copy(content: Buffer, size = content.length): Buffer {
    this.#memory = Buffer.alloc(size + ROOM_BYTES)
    content.copy(this.#memory, 0, 0, size)
    return this.#memory.subarray(0, size)
  }

  async #change(change: Change): Promise<void> {
    const { length } = this.content
    const changed = this.#changed(change)
    for (let size = nextPage(length); size < change.size; size = nextPage(size)) {
      this.states.push(changed.subarray(0, size))
    }
    this.states.push(changed)
    this.states.splice(0, this.states.length - STATES_KEPT)
    for (const disk of this.#disks) await onDisk(disk, (file) => apply(file, change))
  }
}

function nextPage(length: number): number {
  return (Math.floor(length / PAGE_BYTES) + 1) * PAGE_BYTES
}

/** Makes a change every so often, until it is stopped. */
export function keepChanging(change: (turn: number) => Promise<void>): () => Promise<void> {
  const stop = new AbortController()
  const act = async (): Promise<void> => {
    for (let turn = 1; !stop.signal.aborted; turn += 1) {
      await change(turn)
      await delay(PACE_MS)
    }
  }
  const acting = act()
  return () => {
    stop.abort()
    return acting
  }
}

async function apply(file: FileHandle, { bytes, at, size }: Change): Promise<void> {
  if (bytes.length > 0) await file.write(bytes, 0, bytes.length, at)
  else await file.truncate(size)
}

async function onDisk(path: string, act: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'r+')
  try {
    await act(file)
  } finally {
    await file.close()
  }
}
