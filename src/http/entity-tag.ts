export interface EntityTag {
  readonly isWeak: boolean
  /** With its quotes. */
  readonly opaque: string
}

// entity-tag = [ "W/" ] DQUOTE *etagc DQUOTE; a comma between quotes is part of the tag. Blanks are
// taken at one place only, so that a long run of them is not tried twice.
const ELEMENT = /[ \t]*(?:(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[ \t]*)?(?:,|$)/y

/** The list of If-Match or If-None-Match; undefined where it is malformed. */
export function parseEntityTags(field: string): '*' | readonly EntityTag[] | undefined {
  if (field === '*') return '*'
  const tags: EntityTag[] = []
  ELEMENT.lastIndex = 0
  while (ELEMENT.lastIndex < field.length) {
    const match = ELEMENT.exec(field)
    if (match === null) return undefined
    const [, weak, opaque] = match
    if (opaque !== undefined) tags.push({ isWeak: weak !== undefined, opaque })
  }
  return tags.length === 0 ? undefined : tags
}

/** RFC 9110 8.8.3.2: equivalent if both are not weak and their opaque-tags match. */
export function matchesStrongly(tag: EntityTag, strongEtag: string): boolean {
  return !tag.isWeak && tag.opaque === strongEtag
}

/** RFC 9110 8.8.3.2: equivalent if their opaque-tags match, weak or not. */
export function matchesWeakly(tag: EntityTag, strongEtag: string): boolean {
  return tag.opaque === strongEtag
}
