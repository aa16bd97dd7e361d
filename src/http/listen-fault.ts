import { EdgeError } from '../errors.ts'

export interface ListenOptions {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
}

const LISTEN_FAULTS: { readonly [code: string]: string } = {
  EADDRINUSE: 'the port is taken by another program',
  EADDRNOTAVAIL: 'this host has no such address',
  EACCES: 'this user may not listen on that port',
}

/** Why an address cannot be listened on. */
export function cannotListen({ host, port }: ListenOptions, cause: unknown): EdgeError {
  const where = `${host.includes(':') ? `[${host}]` : host}:${port}`
  const code = cause instanceof Error && 'code' in cause ? `${cause.code}` : ''
  const why = LISTEN_FAULTS[code] ?? `${cause}`
  return new EdgeError('invalid_config', `cannot listen on ${where}: ${why}`, { cause })
}
