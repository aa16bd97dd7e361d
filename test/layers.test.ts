import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { findBreaches, importsOf, type SourceFile } from './support/import-rules.ts'

const ROOT = join(import.meta.dirname, '..')

function sourceFiles(): SourceFile[] {
  return readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[cm]?[jt]s$/.test(name))
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))
}

function breachesOf(path: string, text: string): string[] {
  return findBreaches([{ path, text }])
}

describe('layers', () => {
  it('are kept by every file of src', () => {
    const files = sourceFiles()
    assert.ok(files.length > 10, 'the source files were not found')
    assert.deepEqual(findBreaches(files), [])
  })
})

describe('the check of the layers', () => {
  const forbidden: readonly (readonly [string, string, RegExp])[] = [
    ['src/client/pool.ts', "import { A } from '../http/edge.ts'", /client may import .* not http/],
    ['src/errors.ts', "import { A } from './wire/struct.ts'", /errors may import errors and not/],
    ['src/wire/line.ts', "import net from 'node:net'", /wire does no I\/O/],
    ['src/wire/line.ts', "import { pino } from 'pino'", /only app may import pino/],
    ['src/wire/line.ts', "import { setTimeout } from 'node:timers'", /wire does no I\/O/],
    ['src/http/edge.ts', "import { A } from '../admin/health.ts'", /http may import .* not admin/],
    ['src/http/edge.ts', "import type { A } from '../config/ini.ts'", /http may .* not config/],
    ['src/config/ini.ts', "import { A } from '../wire/struct.ts'", /config may .* not wire/],
    ['src/embedded/fdfs-storaged.ts', "import '../client/pool.ts'", /embedded .* not client/],
    [
      'src/resolver/mogilefs-resolver.ts',
      "import { A } from './fastdfs-resolver.ts'",
      /MogileFS and FastDFS never import each other/,
    ],
    [
      'src/embedded/fdfs-trackerd.ts',
      "import { A } from './mogilefsd.ts'",
      /FastDFS and MogileFS never import each other/,
    ],
    ['src/client/pool.ts', "import { LRUCache } from 'lru-cache'", /only resolver and transfer/],
    ['src/resolver/x.ts', "import { createPool } from 'mysql2/promise'", /only client/],
    ['src/app/main.ts', "import { Hono } from 'hono'", /only http and admin/],
    ['src/app/main.ts', "import leftPad from 'left-pad'", /no dependency/],
    ['src/http/edge.ts', "import check from '../../nginx/njs/store-check.ts'", /outside src/],
    ['src/other/a.ts', "import { A } from '../errors.ts'", /no known part/],
  ]

  for (const [path, text, why] of forbidden) {
    it(`refuses in ${path}: ${text}`, () => {
      const [breach = '', ...others] = breachesOf(path, `${text}\n`)
      assert.match(breach, why)
      assert.ok(breach.startsWith(path), breach)
      assert.deepEqual(others, [])
    })
  }

  const allowed: readonly (readonly [string, string])[] = [
    ['src/http/edge.ts', "import { A } from '../wire/token.ts'"],
    ['src/http/edge.ts', "import { B } from './range.ts'"],
    ['src/wire/token.ts', "import { createHash } from 'node:crypto'"],
    ['src/resolver/fastdfs-resolver.ts', "import { A } from './location-cache.ts'"],
    ['src/resolver/resolver.ts', "import type { A } from '../wire/fastdfs/file-id.ts'"],
    ['src/client/mogilefs-db.ts', "import { createPool } from 'mysql2/promise'"],
    ['src/http/body.ts', "import { A } from '@hono/node-server/utils/response'"],
    ['src/app/wiring.ts', "import { A } from '../embedded/mogilefsd.ts'"],
    ['src/app/cli.ts', "import info from '../../package.json' with { type: 'json' }"],
  ]

  for (const [path, text] of allowed) {
    it(`accepts in ${path}: ${text}`, () => assert.deepEqual(breachesOf(path, `${text}\n`), []))
  }

  it('finds every form of import', () => {
    const text = [
      "import a from 'a'",
      'import {',
      '  type B,',
      '  b,',
      '} from "b"',
      "import 'c'",
      "export * from 'd'",
      "export { type E } from 'e'",
      "import f, * as g from 'f'",
      "const h = await import('h')",
      "type I = import('i').I",
      "export const notOne = Buffer.from('x')",
    ].join('\n')
    assert.deepEqual(importsOf(text), ['a', 'b', 'c', 'd', 'e', 'f', 'h', 'i'])
  })

  it('refuses a clock or I/O in wire, with or without an import', () => {
    const [breach = ''] = breachesOf('src/wire/a.ts', 'const now = Date.now()')
    assert.match(breach, /says Date.now\(: wire does no I\/O/)
    assert.deepEqual(breachesOf('src/client/a.ts', 'const now = Date.now()'), [])
  })

  it('refuses a file of more than 400 lines', () => {
    assert.deepEqual(breachesOf('src/wire/a.ts', '\n'.repeat(400)), [])
    const long = breachesOf('src/wire/a.ts', '\n'.repeat(401))
    assert.deepEqual(long, ['src/wire/a.ts has 401 lines: more than 400'])
  })

  it('refuses a second file of http that writes bodies', () => {
    const text = "import { A } from '@hono/node-server'\n"
    const paths = ['src/http/body.ts', 'src/http/other.ts']
    const [breach = ''] = findBreaches(paths.map((path) => ({ path, text })))
    assert.match(breach, /body.ts and src\/http\/other.ts .* one file of http/)
  })
})
