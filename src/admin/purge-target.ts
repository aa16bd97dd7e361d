/** What an operator wants to be purged. */
export type PurgeTarget =
  | { readonly kind: 'url'; readonly url: string }
  /** All below a path, which may end in the middle of a name. */
  | { readonly kind: 'prefix'; readonly prefix: string }

const MAX_CHARS = 8192

/** `http://img.example.com/a.jpg` or `/img/a.jpg` is a URL, what ends with `*` a prefix. */
export function parsePurgeTarget(text: string): PurgeTarget {
  return text.endsWith('*')
    ? { kind: 'prefix', prefix: text.slice(0, -1) }
    : { kind: 'url', url: text }
}

/** `{"url": ".."}` or `{"prefix": ".."}`; undefined where it is neither. */
export function readPurgeTarget(body: unknown): PurgeTarget | undefined {
  if (typeof body !== 'object' || body === null) return undefined
  const [[name, value] = [], ...others] = Object.entries(body)
  if (others.length > 0 || typeof value !== 'string' || value.length > MAX_CHARS) return undefined
  if (name === 'url') return { kind: 'url', url: value }
  if (name === 'prefix') return { kind: 'prefix', prefix: value.replace(/\*$/, '') }
  return undefined
}
