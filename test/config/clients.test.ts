import assert from 'node:assert/strict'
import { test } from 'node:test'
import { confOf, readText } from './conf-folder.ts'

const TRACKER = 'tracker_server = a:1\n'

test('clients are bounded in all, and none by itself unless it is said', (t) => {
  assert.deepEqual(confOf(readText(t, TRACKER)).clients, {
    maxRequests: 10_000,
    maxRequestsPerClient: 0,
    maxConnections: 16_384,
    maxConnectionsPerClient: 0,
    rate: 0,
    rateAfter: 1024 ** 2,
  })
})

test('every bound of clients can be set', (t) => {
  const lines = [
    ...['max_requests = 1', 'max_requests_per_client = 2', 'max_client_connections = 3'],
    ...['max_connections_per_client = 4', 'client_rate = 64KB', 'client_rate_after = 0'],
  ]
  assert.deepEqual(confOf(readText(t, TRACKER + lines.join('\n'))).clients, {
    maxRequests: 1,
    maxRequestsPerClient: 2,
    maxConnections: 3,
    maxConnectionsPerClient: 4,
    rate: 65_536,
    rateAfter: 0,
  })
})
