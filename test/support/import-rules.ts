import { posix } from 'node:path'

/** One file of src: its path from the repository's root, with slashes, and its text. */
export interface SourceFile {
  readonly path: string
  readonly text: string
}

/** What a part of src may import besides its own files. A layer may import every layer below it. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  wire: ['errors'],
  client: ['errors', 'wire'],
  resolver: ['errors', 'wire', 'client'],
  transfer: ['errors', 'wire', 'client', 'resolver'],
  http: ['errors', 'wire', 'client', 'resolver', 'transfer'],
  // Beside http, and told by it how a URL becomes a ref; http knows nothing of admin.
  admin: ['errors', 'wire', 'client', 'resolver', 'transfer', 'http'],
  config: ['errors'],
  // Never client: one fault in the reading of a protocol must not hide another in the writing.
  embedded: ['errors', 'wire'],
  app: ['errors', 'wire', 'client', 'resolver', 'transfer', 'http', 'admin', 'config', 'embedded'],
}

/** Each dependency with the parts that may import it. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  '@hono/node-server': ['http', 'app'],
  'cli-progress': ['app'],
  commander: ['app'],
  'content-disposition': ['http'],
  'file-type': ['http'],
  hono: ['http', 'admin'],
  'lru-cache': ['resolver', 'transfer'],
  'mime-types': ['http'],
  mysql2: ['client'],
  pino: ['app'],
  'pino-pretty': ['app'],
  'prom-client': ['admin'],
  undici: ['client'],
  zod: ['config'],
}

/** Wire does no I/O and knows no time: bytes in, values out. */
const WIRE_BUILTINS = ['node:buffer', 'node:crypto', 'node:zlib']

/** I/O, time and chance need no import. */
const IMPURE_GLOBAL =
  /\b(?:console|process|performance)\.|\b(?:fetch|setTimeout|setInterval|setImmediate|Date\.now|Math\.random)\(|new (?:Date|WebSocket)\(/

const MAX_LINES = 400

/** `import .. from 'x'` and `export .. from 'x'` over any number of lines, and `import 'x'`. */
const STATIC_IMPORT = /^[ \t]*(?:import|export)\b(?:[\w*\s{},$]*?\bfrom)?\s*(['"])(.+?)\1/gm
const DYNAMIC_IMPORT = /\b(?:import|require)\s*\(\s*(['"])(.+?)\1/g

/** The module names that a file imports, in the order of the kinds. */
export function importsOf(text: string): string[] {
  return [STATIC_IMPORT, DYNAMIC_IMPORT].flatMap((pattern) =>
    Array.from(text.matchAll(pattern), ([, , name = '']) => name),
  )
}

/** One sentence per breach of the rules: which file, which import, and why. */
export function findBreaches(files: readonly SourceFile[]): string[] {
  return [
    ...files.flatMap((file) =>
      importsOf(file.text).flatMap((name) => {
        const why = whyForbidden(file.path, name)
        return why === undefined ? [] : [`${file.path} imports '${name}': ${why}`]
      }),
    ),
    ...files.flatMap(impureWire),
    ...files.flatMap(tooLong),
    ...bodyWriters(files),
  ]
}

function whyForbidden(path: string, name: string): string | undefined {
  if (name.startsWith('.')) return whyForbiddenFile(path, posix.join(posix.dirname(path), name))
  if (name.startsWith('node:')) return whyForbiddenBuiltin(path, name)
  return whyForbiddenPackage(path, name)
}

function whyForbiddenFile(path: string, target: string): string | undefined {
  const [from, to] = [partOf(path), partOf(target)]
  if (to === undefined) {
    return target === 'package.json' && from === 'app' ? undefined : 'it lies outside src'
  }
  if (from === undefined || PARTS[from] === undefined) return `${path} is in no known part of src`
  if (from !== to && !PARTS[from].includes(to)) {
    return `${from} may import ${[...PARTS[from], from].join(', ')} and not ${to}`
  }
  const [system, other] = [systemOf(path), systemOf(target)]
  if (from === to && system !== undefined && other !== undefined && system !== other) {
    return `${system} and ${other} never import each other: either must work without the other`
  }
  return undefined
}

function whyForbiddenBuiltin(path: string, name: string): string | undefined {
  if (partOf(path) !== 'wire' || WIRE_BUILTINS.includes(name)) return undefined
  return `wire does no I/O, it may import ${WIRE_BUILTINS.join(', ')} of Node's`
}

function whyForbiddenPackage(path: string, name: string): string | undefined {
  const packageName = name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
  const allowed = PACKAGES[packageName]
  if (allowed === undefined) return 'it is no dependency that this test knows of'
  if (allowed.includes(partOf(path) ?? '')) return undefined
  return `only ${allowed.join(' and ')} may import ${packageName}`
}

/** `src/wire/token.ts` -> `wire`, `src/errors.ts` -> `errors`, undefined outside src. */
function partOf(path: string): string | undefined {
  return /^src\/([^/.]+)/.exec(path)?.[1]
}

function systemOf(path: string): 'FastDFS' | 'MogileFS' | undefined {
  if (/fastdfs|fdfs/.test(path)) return 'FastDFS'
  return /mogilefs|mogstored/.test(path) ? 'MogileFS' : undefined
}

function impureWire({ path, text }: SourceFile): string[] {
  const [found] = partOf(path) === 'wire' ? (IMPURE_GLOBAL.exec(text) ?? []) : []
  return found === undefined ? [] : [`${path} says ${found}: wire does no I/O and asks no clock`]
}

function tooLong({ path, text }: SourceFile): string[] {
  const lines = text.split('\n').length - 1
  return lines > MAX_LINES ? [`${path} has ${lines} lines: more than ${MAX_LINES}`] : []
}

/** In http, what is written past Hono is written in one place. */
function bodyWriters(files: readonly SourceFile[]): string[] {
  const writers = files
    .filter(({ path, text }) => partOf(path) === 'http' && text.includes("'@hono/node-server"))
    .map(({ path }) => path)
  if (writers.length < 2) return []
  return [`${writers.join(' and ')} import '@hono/node-server': one file of http may, no more`]
}
