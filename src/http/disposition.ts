import { create } from 'content-disposition'

// Controls would end the header field or the line; marks of direction hide the true extension.
const INVISIBLE = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu
const PATH_SEPARATOR = /[/\\]/g

/** `attachment; ..` by RFC 6266, with the RFC 8187 form where the name is not plain ASCII. */
export function formatDisposition(name: string): string {
  return create(name.replace(INVISIBLE, '').replace(PATH_SEPARATOR, '_'))
}
