/** What an operator should look after, in words that are understood at night. */
export interface Concern {
  /** `bad`: requests fail; `down`: something does, and others make up for it; `look`: it may get worse. */
  readonly level: (typeof LEVELS)[number]
  readonly text: string
}

/** Worst first. */
export const LEVELS = ['bad', 'down', 'look'] as const

export function bad(text: string): Concern {
  return { level: 'bad', text }
}

export function down(text: string): Concern {
  return { level: 'down', text }
}

export function look(text: string): Concern {
  return { level: 'look', text }
}
