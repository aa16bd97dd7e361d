import type { Random } from './random.ts'

/** What is fed with cases. A case is a text: what breaks is made smaller in the same way for all. */
export interface FuzzTarget {
  readonly name: string
  /** How many in `npm test`, and in `npm run fuzz`. */
  readonly cases: { readonly short: number; readonly long: number }
  /** A case that takes longer is a finding. Never over a second: the edge must not hang. */
  readonly maxMs: number
  /** Cases under way at once; 1 unless said otherwise. */
  readonly parallel?: number
  /** Ends that some cases must come to, or the target tells nothing. */
  readonly outcomes?: readonly string[]
  open(): OpenTarget | Promise<OpenTarget>
}

export interface OpenTarget {
  generate(random: Random): string
  /** @throws what is wrong */
  check(text: string): void | Promise<void>
  /** How often cases came to which end. */
  readonly outcomes?: ReadonlyMap<string, number>
  close?(): Promise<void>
}
