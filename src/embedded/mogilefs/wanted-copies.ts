import type { ClassRow } from './domain-tables.ts'

const POLICY = /^(\w+)\(\s*([0-9]*)\s*\)$/

export function isReplicationPolicy(text: string): boolean {
  return POLICY.test(text)
}

/** How many copies a class wants: a number in its policy, `MultipleHosts(3)`, overrides the other. */
export function wantedCopies({ mindevcount, replpolicy }: ClassRow): number {
  const [, , count] = POLICY.exec(replpolicy ?? '') ?? []
  return Number(count) || mindevcount
}
