import type { Facts } from '../resolver/resolver.ts'
import type { ContentTypes } from './content-type.ts'
import { formatHttpDate } from './http-date.ts'
import type { HeaderList } from './message.ts'
import { sniffMediaType } from './sniff.ts'

export interface CacheControl {
  /** For content that never changes under its URL; empty: no such header. */
  readonly immutable: string
  /** For content that may. */
  readonly mutable: string
}

export const DEFAULT_CACHE_CONTROL: CacheControl = {
  immutable: 'public, max-age=31536000, immutable',
  mutable: 'public, max-age=5, must-revalidate',
}

/** A representation as header fields know it. */
export interface Description {
  readonly facts: Facts
  readonly contentType: string
  readonly cacheControl: string
  /** What 200, 206 and 304 have in common. */
  readonly validators: HeaderList
  /** The whole header of a plain 200; not to be changed. */
  readonly whole: HeaderList
}

export function describeContent(
  facts: Facts,
  { contentType, cacheControl }: { contentType: string; cacheControl: string },
): Description {
  const lastModified =
    facts.modified === null ? [] : ['Last-Modified', formatHttpDate(facts.modified)]
  const caching = cacheControl === '' ? [] : ['Cache-Control', cacheControl]
  const validators = ['ETag', facts.etag, ...lastModified, ...caching]
  const whole = contentHeaders(validators, { contentType, length: facts.size })
  return { facts, contentType, cacheControl, validators, whole }
}

/** What 200 and 206 say of the content that they carry. */
export function contentHeaders(
  validators: HeaderList,
  content: {
    readonly contentType: string
    readonly length: number
    readonly acceptRanges?: 'bytes' | 'none'
  },
): HeaderList {
  return [
    ...validators,
    'Accept-Ranges',
    content.acceptRanges ?? 'bytes',
    'Content-Type',
    content.contentType,
    'X-Content-Type-Options',
    'nosniff',
    'Content-Length',
    `${content.length}`,
  ]
}

/** Descriptions of files, made once for each object of facts: those of cached files live long. */
export class FileDescriptions {
  readonly #contentTypes: ContentTypes
  readonly #cacheControl: CacheControl
  readonly #known = new WeakMap<Facts, { readonly name: string; readonly made: Description }>()

  constructor(contentTypes: ContentTypes, cacheControl: CacheControl) {
    this.#contentTypes = contentTypes
    this.#cacheControl = cacheControl
  }

  /** The name of a file tells its type. */
  isTold(name: string): boolean {
    return this.#contentTypes.byExtension(name) !== undefined
  }

  /** Undefined where the type is not known before the file's first bytes were looked at. */
  known(facts: Facts, name: string): Description | undefined {
    const known = this.#known.get(facts)
    if (known?.name === name) return known.made
    const contentType = this.#contentTypes.byExtension(name)
    return contentType === undefined ? undefined : this.#make(facts, name, contentType)
  }

  async byContent(facts: Facts, name: string, firstBytes: Buffer): Promise<Description> {
    const sniffed = await sniffMediaType(firstBytes)
    return this.#make(facts, name, sniffed ?? this.#contentTypes.defaultType)
  }

  #make(facts: Facts, name: string, contentType: string): Description {
    const { immutable, mutable } = this.#cacheControl
    const cacheControl = facts.isPermanent ? immutable : mutable
    const made = describeContent(facts, { contentType, cacheControl })
    this.#known.set(facts, { name, made })
    return made
  }
}
