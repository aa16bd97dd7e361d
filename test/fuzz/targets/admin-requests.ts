import assert from 'node:assert/strict'
import { createAdminApp } from '../../../src/admin/admin-app.ts'
import { EdgeCaches } from '../../../src/admin/edge-caches.ts'
import { adminOptions } from '../../support/admin-options.ts'
import { FILE_IDS } from '../corpus.ts'
import { mutate } from '../mutate.ts'
import { NASTY_TEXT } from '../nasty.ts'
import type { Random } from '../random.ts'
import type { FuzzTarget, OpenTarget } from '../target.ts'

const SEPARATOR = '\f'
const TOKEN = 'a-token-of-more-than-16-characters'
const NOTHING = { refs: [], objects: 0, contents: [] }
const METHODS = ['GET', 'GET', 'POST', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']
const PATHS = [
  '/purge',
  '/purge',
  '/healthz',
  '/readyz',
  '/status',
  '/',
  '/metrics',
  '/none',
  '/purge/',
]
const AUTHORIZATIONS = [
  `Bearer ${TOKEN}`,
  `Bearer ${TOKEN}`,
  `bearer  ${TOKEN}`,
  'Bearer',
  'Bearer x',
  '',
  'Basic eDp5',
  'Basic =',
]
const OWN_ORIGIN = 'http://127.0.0.1:8091'
const ORIGINS = ['', '', OWN_ORIGIN, 'http://evil.example', 'null']
const URLS = [
  ...FILE_IDS.map((id) => `/${id}`),
  '/img/a/b.jpg',
  'http://img.example.com/a',
  '/img/',
  '/',
  '*',
]
const WORDS = [
  ...NASTY_TEXT,
  '"',
  '\\u0000',
  '\\ud800',
  '{',
  '}',
  '[]',
  'null',
  '"url"',
  '"prefix"',
  ',',
  ':',
]

/** The listener for operators: never a 500, and nothing is done for whom the token is not. */
export const ADMIN_REQUESTS: FuzzTarget = {
  name: 'requests to the admin listener',
  cases: { short: 1500, long: 30_000 },
  maxMs: 250,
  open,
}

function open(): OpenTarget {
  let purges = 0
  const caches = new EdgeCaches({
    urls: {
      fastdfs: { hasGroupName: true, groupName: '', isGroup: (name) => name.startsWith('group') },
      mogilefs: {
        domainOfHost: (host) => (host === 'img.example.com' ? 'img' : undefined),
        isDomain: (name) => name === 'img',
        hasLeadingSlash: false,
      },
    },
    transfer: { forget: () => NOTHING, forgetPrefix: () => NOTHING },
  })
  const app = createAdminApp({
    ...adminOptions(),
    token: TOKEN,
    purge: async (target) => {
      purges += 1
      const purged = caches.purge(target)
      return purged && { removed: { locations: 0, objects: 0, nginx: 0 } }
    },
  })
  const check = async (text: string): Promise<void> => {
    const before = purges
    const [authorization = '', origin = ''] = text.split(SEPARATOR, 2)
    const { status } = await app.fetch(requestOf(text))
    assert.ok(status < 500, `status ${status}`)
    const isAllowed = authorization.includes(TOKEN) && ['', OWN_ORIGIN].includes(origin)
    assert.ok(purges === before || isAllowed, 'a purge without the token')
  }
  return { generate, check }
}

function generate(random: Random): string {
  const body = JSON.stringify({ [random.pick(['url', 'prefix'])]: random.pick(URLS) })
  const authorization = random.pick(AUTHORIZATIONS)
  return [
    random.oneIn(8) ? mutate(random, authorization) : authorization,
    random.pick(ORIGINS),
    random.pick(METHODS),
    random.oneIn(8) ? mutate(random, random.pick(PATHS), NASTY_TEXT) : random.pick(PATHS),
    random.oneIn(8) ? 'text/plain' : 'application/json',
    random.oneIn(4) ? body : mutate(random, body, WORDS),
  ].join(SEPARATOR)
}

function requestOf(text: string): Request {
  const [authorization, origin, method = '', path, type = '', body] = text.split(SEPARATOR)
  const hasBody = method !== 'GET' && method !== 'HEAD'
  const headers = new Headers({ host: '127.0.0.1:8091' })
  const fields = { authorization, origin, 'content-type': type }
  for (const [name, value] of Object.entries(fields)) if (value) set(headers, name, value)
  const url = new URL(OWN_ORIGIN)
  url.pathname = path ?? ''
  const known = METHODS.includes(method) ? method : 'POST'
  return new Request(url, { method: known, headers, ...(hasBody && { body: body ?? '' }) })
}

/** What cannot be in a field never comes so far. */
function set(headers: Headers, name: string, value: string): void {
  try {
    headers.set(name, value)
  } catch {
    headers.delete(name)
  }
}
