import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { hashTypeNumber } from '../../src/wire/mogilefs/checksum.ts'
import { formatFidPath } from '../../src/wire/mogilefs/fid-path.ts'
import { databaseSettings, type MariadbPair, startMariadb } from '../support/mariadb.ts'
import type { SeededFile } from './seed.ts'
import { REPLICAS, Stand, type TestContext } from './stand.ts'

/** What an edge is put in front of. */
export type PlaceName = 'FastDFS' | 'MogileFS' | 'MogileFS by SQL'

/** A stand, and for MogileFS by SQL its database. */
export class Place {
  readonly stand: Stand
  readonly #mariadb: MariadbPair | undefined

  constructor(stand: Stand, mariadb?: MariadbPair) {
    this.stand = stand
    this.#mariadb = mariadb
  }

  get mariadb(): MariadbPair {
    if (this.#mariadb === undefined) throw new Error('there is no database here')
    return this.#mariadb
  }

  settings({ isProxied, more = '' }: { isProxied: boolean; more?: string | undefined }): string {
    const database = this.#mariadb === undefined ? [] : databaseSettings(this.#mariadb)
    return this.stand.settings({ isProxied, more: [...database, more].join('\n') })
  }

  async heal(): Promise<void> {
    await this.stand.heal()
  }

  /** The key stands for this file, as the primary says. */
  async insert(key: string, { fid, content }: SeededFile): Promise<void> {
    const copies = Array.from({ length: REPLICAS }, (_, index) => `(${fid}, ${index + 1})`)
    await this.mariadb.exec(`
      REPLACE INTO file (fid, dmid, dkey, length, classid, devcount)
        VALUES (${fid}, 1, '${key}', ${content.length}, 1, ${REPLICAS});
      REPLACE INTO file_on (fid, devid) VALUES ${copies.join(', ')}`)
  }

  /** As the trackers do with the copies of a file that was overwritten. */
  async deleteCopies({ fid }: SeededFile): Promise<void> {
    const { folder } = this.stand
    for (let store = 0; store <= REPLICAS; store += 1) {
      for (let devid = 1; devid <= REPLICAS; devid += 1) {
        await rm(join(folder, `${store}`, formatFidPath({ devid, fid })), { force: true })
      }
    }
  }
}

/** The places that rows ask for, each started when it is first needed. */
export class Places {
  readonly #t: TestContext
  readonly #largeBytes: number
  readonly #places = new Map<PlaceName, Promise<Place>>()

  constructor(t: TestContext, largeBytes: number) {
    this.#t = t
    this.#largeBytes = largeBytes
  }

  get(name: PlaceName): Promise<Place> {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const place = this.#start(name)
    this.#places.set(name, place)
    return place
  }

  async #start(name: PlaceName): Promise<Place> {
    if (name !== 'MogileFS by SQL') {
      const system = name === 'FastDFS' ? 'fastdfs' : 'mogilefs'
      return new Place(await Stand.start(this.#t, system, this.#largeBytes))
    }
    const [{ stand }, mariadb] = await Promise.all([this.get('MogileFS'), startMariadb(this.#t)])
    const place = new Place(stand, mariadb)
    await mariadb.exec(clusterSql(stand))
    for (const file of [...stand.files.small, ...stand.files.large]) {
      await place.insert(keyOf(file), file)
    }
    await mariadb.caughtUp()
    return place
  }
}

export function keyOf({ path }: { readonly path: string }): string {
  return path.replace('/img/', '')
}

function clusterSql({ files, storages }: Stand): string {
  const hosts = storages.map(
    ({ address }, index) => `(${index + 1}, 'alive', 7500, 'node${index + 1}', '${address.host}')`,
  )
  const devices = storages.map((_, index) => `(${index + 1}, ${index + 1}, 'alive')`)
  const hashtype = hashTypeNumber('MD5')
  const sums = [...files.small, ...files.large, ...files.spare].map(
    ({ fid, md5 }) => `(${fid}, ${hashtype}, x'${md5}')`,
  )
  return `
    INSERT INTO host (hostid, status, http_port, hostname, hostip) VALUES ${hosts.join(', ')};
    INSERT INTO device (devid, hostid, status) VALUES ${devices.join(', ')};
    INSERT INTO domain (dmid, namespace) VALUES (1, 'img');
    INSERT INTO class (dmid, classid, classname, mindevcount, hashtype)
      VALUES (1, 1, 'sums', ${REPLICAS}, ${hashtype});
    INSERT INTO checksum (fid, hashtype, checksum) VALUES ${sums.join(', ')}`
}
