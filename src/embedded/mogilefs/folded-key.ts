/**
 * What MariaDB's utf8mb4_general_ci compares keys by, and SQLite cannot: letters without their case
 * and accents, trailing blanks ignored. Upper case, since that is also the order of keys there.
 */
export function foldKey(key: string): string {
  return foldPrefix(key).replace(/ +$/, '')
}

/** The same of the beginning of a key, whose last blank may lie in the middle of it. */
export function foldPrefix(prefix: string): string {
  return prefix.normalize('NFD').replace(/\p{M}/gu, '').toUpperCase()
}
