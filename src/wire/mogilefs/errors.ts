import { EdgeError } from '../../errors.ts'

interface Meaning {
  readonly text: string
  /** What the answer says about the question; the others say something about the tracker. */
  readonly is?: 'absent' | 'refused'
}

/**
 * Errors of mogilefsd. `absent`: what was asked for is not there, a result rather than a fault.
 * `refused`: no tracker would do it. Without either, another tracker may well answer.
 */
const ERRORS = {
  unknown_key: { text: 'there is no such key', is: 'absent' },
  unknown_fid: { text: 'there is no such fid', is: 'absent' },
  none_match: { text: 'no key matches', is: 'absent' },
  unreg_domain: { text: 'there is no such domain', is: 'absent' },
  domain_not_found: { text: 'there is no such domain', is: 'absent' },
  unreg_class: { text: 'there is no such class', is: 'refused' },
  class_not_found: { text: 'there is no such class', is: 'refused' },
  host_not_found: { text: 'there is no such host', is: 'refused' },
  no_domain: { text: 'the domain is missing', is: 'refused' },
  no_key: { text: 'the key is missing', is: 'refused' },
  no_fid: { text: 'the fid is missing', is: 'refused' },
  no_class: { text: 'the class is missing', is: 'refused' },
  no_device: { text: 'there is no such device', is: 'refused' },
  bad_params: { text: 'an argument is missing or wrong', is: 'refused' },
  host_mismatch: { text: 'the device belongs to another host', is: 'refused' },
  invalid_key: { text: 'there is no such key', is: 'refused' },
  invalid_chars: { text: 'a character that may not be there', is: 'refused' },
  key_exists: { text: 'the key exists already', is: 'refused' },
  domain_exists: { text: 'the domain exists already', is: 'refused' },
  domain_has_files: { text: 'the domain has files', is: 'refused' },
  domain_has_classes: { text: 'the domain has classes', is: 'refused' },
  class_exists: { text: 'the class exists already', is: 'refused' },
  class_has_files: { text: 'the class has files', is: 'refused' },
  host_exists: { text: 'the host exists already', is: 'refused' },
  host_not_empty: { text: 'the host has devices', is: 'refused' },
  existing_devid: { text: 'the device exists already', is: 'refused' },
  unknown_device: { text: 'there is no such device', is: 'refused' },
  state_too_high: { text: 'a dead device cannot become alive', is: 'refused' },
  after_mismatch: { text: 'the key to go on after has another prefix', is: 'refused' },
  bogus_args: { text: 'arguments that do not belong together', is: 'refused' },
  size_mismatch: { text: 'the upload has another size than announced', is: 'refused' },
  size_verify_error: { text: 'the upload could not be found', is: 'refused' },
  no_temp_file: { text: 'the upload was never begun, or is over', is: 'refused' },
  unknown_command: { text: 'the tracker does not know the command', is: 'refused' },
  no_devices: { text: 'no device has room' },
  db: { text: 'the database does not work' },
  failure: { text: 'the tracker cannot do it, often because of its database' },
} as const satisfies Record<string, Meaning>

export type MogilefsErrorName = keyof typeof ERRORS

/** Errors that are known; others come from plugins and newer trackers. */
export const ERROR_NAMES = Object.keys(ERRORS) as readonly MogilefsErrorName[]

function meaningOf(code: string): Meaning | undefined {
  return Object.hasOwn(ERRORS, code) ? ERRORS[code as MogilefsErrorName] : undefined
}

/** The tracker's word that what was asked for is not there. */
export function isAbsent(code: string): boolean {
  return meaningOf(code)?.is === 'absent'
}

/** No other tracker would answer otherwise. */
export function isRefusal(code: string): boolean {
  return meaningOf(code)?.is === 'refused'
}

/** Turns an error answer into an error: `unreg_class: there is no such class (the tracker's text)`. */
export function answerError(code: string, text: string, host?: string): EdgeError {
  const known = meaningOf(code)?.text
  const own = text === code ? '' : ` (${text.slice(0, 300)})`
  const message = known === undefined ? `${code}: ${text}` : `${code}: ${known}${own}`
  return new EdgeError('refused_by_server', message, { host })
}
