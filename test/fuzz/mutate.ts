import { NASTY } from './nasty.ts'
import type { Random } from './random.ts'

const MAX_CHANGES = 4
const MAX_SPAN = 12

/** A text with a few changes, some of them by the words that it is given. */
export function mutate(random: Random, text: string, words: readonly string[] = NASTY): string {
  let changed = text
  for (let count = 1 + random.below(MAX_CHANGES); count > 0; count -= 1) {
    changed = change(random, changed, words)
  }
  return changed
}

function change(random: Random, text: string, words: readonly string[]): string {
  const start = random.below(text.length + 1)
  const end = Math.min(text.length, start + random.below(MAX_SPAN))
  const [before, span, after] = [text.slice(0, start), text.slice(start, end), text.slice(end)]
  switch (random.below(7)) {
    case 0:
      return before + after
    case 1:
      return before + span + span + after
    case 2:
      return before + String.fromCharCode(random.below(256)) + text.slice(start + 1)
    case 3:
      return before + span.toUpperCase() + after
    case 4:
      return before + random.pick(words) + after
    case 5:
      return before
    default:
      return before + random.pick(words) + span + after
  }
}

/** The same with one other byte, not before `start`. */
export function spoil(random: Random, text: string, start: number): string {
  const at = start + random.below(text.length - start)
  const byte = text.charCodeAt(at) ^ (1 + random.below(255))
  return text.slice(0, at) + String.fromCharCode(byte) + text.slice(at + 1)
}

/** Bytes as text: a character for each. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
