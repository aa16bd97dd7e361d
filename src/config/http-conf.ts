import { optional, secret, single } from './directive.ts'
import { boolean, matching, path, seconds } from './kind.ts'

/** The settings of upstream's http.conf that mean something here, under upstream's names. */
export const HTTP_CONF = {
  'http.anti_steal.check_token': single(
    boolean(),
    'false',
    'Answer only URLs with a valid token= and ts=',
  ),
  'http.anti_steal.token_ttl': single(
    seconds(1, 10 * 365 * 86400),
    '600',
    'How long a token is good after its ts',
  ),
  'http.anti_steal.secret_key': secret(
    matching(/^.{1,1024}$/s, 'string', 'a key of at most 1024 characters'),
    'The key of the tokens, required by check_token; the secret, file:/path or env:NAME',
  ),
  'http.anti_steal.token_check_fail': optional(
    path(),
    'A file of at most 1MB, the body of the 403 for a missing or wrong token',
  ),
  'http.default_content_type': single(
    matching(/^[\w.+-]+\/[\w.+-]+(?: *; *[ -~]+)?$/, 'string', 'a media type such as image/jpeg'),
    'application/octet-stream',
    'The Content-Type where neither extension nor content tells it',
  ),
  'http.mime_types_filename': optional(
    path(),
    "A mime.types of FastDFS, Apache or nginx; what it lists goes before the edge's own list",
  ),
  'http.multi_range.enabled': single(
    boolean(),
    'true',
    'Answer several ranges in one request; false: such a Range header is ignored',
  ),
} as const

const BUILT_INTO_OLD_DAEMONS = 'it belongs to the HTTP server built into old FastDFS daemons'

/** Settings of http.conf, of this and older releases, that have no effect here, and why. */
export const HTTP_CONF_WITHOUT_EFFECT: { readonly [name: string]: string } = {
  'http.disabled': 'the edge is nothing but HTTP; what else is set is obeyed all the same',
  'http.need_find_content_type': 'a Content-Type is always found',
  'http.multi_range.enabed': 'a misspelling in old releases; the name is http.multi_range.enabled',
  'http.server_port': `${BUILT_INTO_OLD_DAEMONS}; the edge's own port is in listen`,
  'http.domain_name': BUILT_INTO_OLD_DAEMONS,
  'http.trunk_size': BUILT_INTO_OLD_DAEMONS,
  'http.check_alive_interval': BUILT_INTO_OLD_DAEMONS,
  'http.check_alive_type': BUILT_INTO_OLD_DAEMONS,
  'http.check_alive_uri': BUILT_INTO_OLD_DAEMONS,
}
