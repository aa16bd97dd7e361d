/** Where a daemon listens. `host` is a name or an address, IPv6 without brackets. */
export interface Address {
  readonly host: string
  readonly port: number
}

/** `host:port`, the name of a daemon in logs, health and metrics. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}
