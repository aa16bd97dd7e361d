import type { Cause } from './cause.ts'

// What the request itself decides, and what is well.

export const SERVED = {
  served: {
    status: 200,
    sentence: 'All is well: a client gets {size} bytes of {type}, first from {host}.',
  },
  served_despite: {
    status: 200,
    sentence:
      'A client gets {size} bytes of {type} from {host}, but not all is well: {trouble}. Repair that before the last good copy fails too.',
  },
  served_other_size: {
    status: 200,
    sentence:
      "A client gets {size} bytes of {type} although the id says {wanted}: all storages agree, so the edge takes the name for that of a slave, whose id is its master's; if it is no slave, every copy was cut, and the file has to be uploaded again.",
  },
} as const satisfies Record<string, Cause>

export const MALFORMED = {
  not_a_url: {
    status: 400,
    sentence:
      'This is no URL: give the path of the request, such as /group1/M00/00/00/NAME.jpg, or all of it from http:// on, without a user name.',
  },
  bad_host: {
    status: 400,
    sentence: 'The Host header "{host}" is no host name: give the name alone, or name:port.',
  },
  url_too_long: {
    status: 414,
    sentence:
      'The URL has {count} bytes and may have {most}: no id or key is so long; look at what makes the link.',
  },
  fragment: {
    status: 400,
    sentence:
      'The URL holds a "#", which a browser never sends on: if it belongs to the name, write it as %23.',
  },
  backslash: {
    status: 400,
    sentence:
      'The path holds a backslash, which may not stand in a URL: the program that wrote the link must use "/" between folders.',
  },
  percent_encoding: {
    status: 400,
    sentence:
      'The path holds {text}, which is no percent-encoded UTF-8: the program that wrote the link must encode the UTF-8 bytes of the name, and a "%" in it as %25.',
  },
  control_character: {
    status: 400,
    sentence:
      'The path holds the control character {text}, often a line end that was pasted along: take it out of the link.',
  },
  dot_segment: {
    status: 400,
    sentence:
      'The path has the part "{text}", which is refused because it could lead out of the store: write the link without "." and ".." parts.',
  },
  argument_encoding: {
    status: 400,
    sentence:
      'The argument {name}= is no percent-encoded UTF-8: the program that wrote the link must encode it (encodeURIComponent, URLEncoder.encode(name, "UTF-8")).',
  },
  argument_too_long: {
    status: 400,
    sentence:
      'The argument {name}= has {count} bytes and may have 255, as a file name on a disk: shorten it in the link.',
  },
  key_too_long: {
    status: 400,
    sentence:
      'The key has {count} characters and MogileFS keeps at most 255 (dkey is varchar(255)), so no file can have it: correct the link, or the [vhost] if the domain was to be the first part of the path.',
  },
  group_name: {
    status: 400,
    sentence:
      '"{group}" is no name of a FastDFS group, which has 1 to 16 letters, digits, "_", "-" and ".": correct the first part of the path.',
  },
  double_slash: {
    status: 400,
    sentence:
      'The path has "//" before {store}, where an id has one slash: the program that wrote the link joins a base that ends with "/" and an id that begins with one.',
  },
  id_folders: {
    status: 400,
    sentence:
      'The id has "{text}" after {store}/ where FastDFS writes two folders of two capital hex digits, such as 00/1A: copy the id as the upload returned it, upper and lower case kept.',
  },
  id_length: {
    status: 400,
    sentence:
      'The id was cut: its name "{text}" has {count} characters, and FastDFS writes at least 27 and an extension; look for the column or the field that shortens it.',
  },
  id_character: {
    status: 400,
    sentence:
      'The name in the id holds "{text}" among its first 27 characters, where FastDFS writes only letters, digits, "-" and "_": copy the id as the upload returned it.',
  },
  id_rest: {
    status: 400,
    sentence:
      'The id goes on with "{text}" where only the extension may follow (no "/" and no backslash): cut the link off there.',
  },
  id_too_long: {
    status: 400,
    sentence:
      'The id has {count} bytes without its group and trackers take 127 at most: shorten the prefix of the slave, or correct the link.',
  },
  flv_start: {
    status: 400,
    sentence:
      'start={start} is beyond the end of the video, which has {size} bytes: the player has the positions of another file; clear its cache.',
  },
} as const satisfies Record<string, Cause>

export const FORBIDDEN = {
  token_missing: {
    status: 403,
    sentence:
      'http.anti_steal.check_token is on and the URL has no {name}=: let the application add token= and ts= (`dfs-edge token {id} --conf edge.conf` prints a right pair), or switch check_token off.',
  },
  token_ts_form: {
    status: 403,
    sentence:
      'ts={ts} is no unix time in whole seconds without leading zeros: let the application write what `date +%s` prints.',
  },
  token_expired: {
    status: 403,
    sentence:
      'The token is right but ended {age} ago, for its ts is {time} and http.anti_steal.token_ttl is {ttl} s: make a new one for each page, or raise token_ttl.',
  },
  token_expired_by_zone: {
    status: 403,
    sentence:
      'The token is right but its ts is {hours} hours old almost to the minute, which is a time zone: the application must sign unix time in UTC (what `date +%s` prints), not local time.',
  },
  token_expired_by_clock: {
    status: 403,
    sentence:
      'The token is right but ended {age} ago by the clock of this host, and the Date given is {difference} that clock: set the clocks of both hosts by NTP (`chronyc tracking`).',
  },
  token_with_group: {
    status: 403,
    sentence:
      'The token was made over "{given}", with the group: FastDFS wants it over "{wanted}" alone, so leave "{group}" out of what is signed.',
  },
  token_with_slash: {
    status: 403,
    sentence:
      'The token was made over "{given}", with a slash in front: sign "{wanted}", without it.',
  },
  token_upper_case: {
    status: 403,
    sentence:
      'The token is right but for its capitals: write the md5 in lower-case hex, as FastDFS compares it.',
  },
  token_milliseconds: {
    status: 403,
    sentence:
      'The token and ts= do not count in the same unit: the token was made with the time {signed}, the URL says ts={ts}; use whole seconds for both.',
  },
  token_other_zone: {
    status: 403,
    sentence:
      'The token was made with the time {signed}, which is {hours} hours from ts={ts} in the URL: the application reads the clock in two time zones; use unix time in UTC for both.',
  },
  token_encoded_name: {
    status: 403,
    sentence:
      'The token was made over the percent-encoded name: sign the plain name "{wanted}", and encode it only in the URL.',
  },
  token_wrong: {
    status: 403,
    sentence:
      'The token is the md5 of something else: compare http.anti_steal.secret_key here with the one in the application (blanks count), and sign "{wanted}", then the secret, then the ts.',
  },
} as const satisfies Record<string, Cause>
