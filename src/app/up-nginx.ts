import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { type Address, formatAddress } from '../client/address.ts'
import type { EdgeConf, LocalGroup } from '../config/index.ts'
import { CommandError, describeError } from './exit-code.ts'
import { createNginxFiles } from './nginx-files.ts'
import { NginxProcess } from './nginx-process.ts'
import { findProgram } from './nginx-program.ts'
import { formatUpNginxConf } from './up-nginx-conf.ts'
import { writeNginxFiles } from './write-nginx-files.ts'

export interface UpNginxOptions {
  /** Where the files of `dfs-edge up` are; nginx has its own folder in it. */
  readonly data: string
  readonly listen: Address
  /** Of the edge behind it. */
  readonly conf: EdgeConf
  readonly localGroups: readonly LocalGroup[]
}

export interface RunningNginx {
  readonly url: string
  /** Rejects when nginx ends by itself. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

/**
 * nginx in front of the edge of `dfs-edge up`, and undefined where there is no nginx.
 * @throws CommandError when its port is taken or it does not start
 */
export async function startUpNginx(options: UpNginxOptions): Promise<RunningNginx | undefined> {
  const program = findProgram('nginx')
  if (program === undefined) return undefined
  await checkPort(options.listen)
  const prefix = nginxFolder(options.data)
  await prepare(prefix, options)
  const nginx = await NginxProcess.start(program, prefix)
  const url = `http://${formatAddress(options.listen)}/`
  return { url, failed: nginx.failed, stop: () => nginx.stop() }
}

/** nginx's own, among the files of `dfs-edge up`. */
export function nginxFolder(data: string): string {
  return resolve(data, 'nginx')
}

/** nginx itself tries for seconds before it says so. */
function checkPort({ host, port }: Address): Promise<void> {
  const server = createServer()
  return new Promise((done, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause)))
    server.listen({ host, port }, () => server.close(() => done()))
  })
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): CommandError {
  const address = formatAddress({ host, port })
  const why =
    cause.code === 'EADDRINUSE'
      ? `${address} is taken by another program`
      : `cannot listen on ${address}: ${describeError(cause)}`
  return new CommandError(
    `nginx: ${why}; --nginx HOST:PORT names another address, --no-nginx leaves nginx out`,
  )
}

async function prepare(prefix: string, options: UpNginxOptions): Promise<void> {
  const { localGroups } = options
  const conf = { ...options.conf, localGroups }
  // What an earlier start wrote is not this one's.
  for (const name of ['conf', 'logs']) {
    await rm(join(prefix, name), { recursive: true, force: true })
  }
  for (const name of ['conf', 'logs', 'temp']) {
    await mkdir(join(prefix, name), { recursive: true })
  }
  const includes = join(prefix, 'conf/dfs-edge')
  await writeNginxFiles(includes, createNginxFiles(conf, includes))
  const main = formatUpNginxConf({ listen: options.listen, localGroups })
  await writeNginxFiles(join(prefix, 'conf'), [
    { name: 'nginx.conf', content: main, isSecret: false },
  ])
}
