import { lookup } from 'mime-types'

const UNKNOWN = 'application/octet-stream'

/** Content types by the extension of a name, the operator's own ones (`mime.types`) first. */
export class ContentTypes {
  readonly defaultType: string
  readonly #byExtension: ReadonlyMap<string, string>

  /** @param byExtension lower-case extension without its dot -> type */
  constructor(byExtension: ReadonlyMap<string, string> = new Map(), defaultType = UNKNOWN) {
    this.#byExtension = byExtension
    this.defaultType = defaultType
  }

  of(name: string): string {
    return this.byExtension(name) ?? this.defaultType
  }

  /** As nginx does it, text comes without a charset: the files are of many origins. */
  byExtension(name: string): string | undefined {
    const extension = extensionOf(name)
    if (extension === '') return undefined
    return this.#byExtension.get(extension) ?? (lookup(extension) || undefined)
  }
}

/** Lower-case and without its dot; empty where the last part of the path has none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot <= name.lastIndexOf('/') ? '' : name.slice(dot + 1).toLowerCase()
}
