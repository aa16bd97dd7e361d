import { DIRECTIVES, WITHOUT_EFFECT } from './directives.ts'
import { nearestName } from './nearest-name.ts'

const SPOKEN_NAME = /^[a-z][a-z0-9_.]{0,63}$/
const KNOWN_NAMES = [...Object.keys(DIRECTIVES), ...Object.keys(WITHOUT_EFFECT)]

/** A name that does not look like one is not repeated: it may be the rest of a broken secret. */
export function describeUnknown(name: string): string {
  const near = nearestName(name, KNOWN_NAMES)
  const what = SPOKEN_NAME.test(name) ? `unknown setting ${name}` : 'unknown setting'
  return near === undefined ? what : `${what}; did you mean ${near}?`
}
