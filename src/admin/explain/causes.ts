import type { Cause } from './cause.ts'
import { BAD_GATEWAY, NOT_FOUND, TIMED_OUT, UNAVAILABLE, UNEXPLAINED } from './file-causes.ts'
import { FORBIDDEN, MALFORMED, SERVED } from './request-causes.ts'

/** Every cause of every answer that an edge gives to a GET of a URL. */
export const CAUSES = {
  ...SERVED,
  ...MALFORMED,
  ...FORBIDDEN,
  ...NOT_FOUND,
  ...BAD_GATEWAY,
  ...UNAVAILABLE,
  ...TIMED_OUT,
  ...UNEXPLAINED,
} as const satisfies Record<string, Cause>

export type CauseCode = keyof typeof CAUSES

type NamesIn<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | NamesIn<Rest>
  : never

/** What a cause's sentence has to be filled in with. */
export type CauseValues<C extends CauseCode> = Readonly<
  Record<NamesIn<(typeof CAUSES)[C]['sentence']>, string>
>

export interface Verdict {
  readonly cause: CauseCode
  /** What the edge answers for this cause. */
  readonly status: number
  /** What to do. */
  readonly sentence: string
}

export function verdict<C extends CauseCode>(cause: C, values: CauseValues<C>): Verdict {
  const { status, sentence } = CAUSES[cause]
  const table: Readonly<Record<string, string>> = values
  const filled = sentence.replace(/\{(\w+)\}/g, (_, name: string) => table[name] ?? '')
  return { cause, status, sentence: filled }
}
