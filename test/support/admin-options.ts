import type { AdminOptions } from '../../src/admin/admin-app.ts'
import { EventStreams } from '../../src/admin/event-streams.ts'
import type { Status } from '../../src/admin/status.ts'
import { status } from './status-fixture.ts'

/** Of an admin listener that has nothing to purge or to explain. @param make how everything is */
export function adminOptions(make: () => Status = status): AdminOptions {
  return {
    token: undefined,
    host: '127.0.0.1',
    purge: async () => undefined,
    explain: () => Promise.reject(new Error('nobody explains')),
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }),
    status: async () => make(),
    statusInHaste: async () => make(),
    streams: new EventStreams(2),
    log: { error: () => undefined },
  }
}
