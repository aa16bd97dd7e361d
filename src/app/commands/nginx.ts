import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { loadConf } from '../cluster-flags.ts'
import { CommandError, describeError } from '../exit-code.ts'
import { createNginxFiles, type NginxFile } from '../nginx-files.ts'

interface NginxFlags {
  readonly conf: string
  readonly out: string
}

export function addNginxCommand(program: Command): void {
  program
    .command('nginx')
    .description(
      'write the includes for nginx in front of the edge, with the values of its edge.conf',
    )
    .option('--conf <file>', 'the configuration of the edge', 'conf/edge.conf')
    .requiredOption('--out <dir>', 'the folder for the includes, for example /etc/nginx/dfs-edge')
    .action(writeIncludes)
}

async function writeIncludes({ conf: path, out }: NginxFlags): Promise<void> {
  const conf = loadConf(path)
  const dir = resolve(out)
  const files = createNginxFiles(conf, dir)
  for (const file of files) {
    await write(dir, file).catch((cause) => {
      throw new CommandError(`cannot write ${join(dir, file.name)}: ${describeError(cause)}`)
    })
  }
  const needsNjs = conf.antiSteal.secretKey !== ''
  process.stdout.write(explain(dir, { count: files.length, needsNjs }))
}

/** Whole or not at all, and a secret never in a file that others can read. */
async function write(dir: string, { name, content, isSecret }: NginxFile): Promise<void> {
  const path = join(dir, name)
  await mkdir(dirname(path), { recursive: true })
  const mode = isSecret ? 0o600 : 0o644
  await writeFile(`${path}.new`, content, { mode })
  await chmod(`${path}.new`, mode)
  await rename(`${path}.new`, path)
}

function explain(dir: string, { count, needsNjs }: { count: number; needsNjs: boolean }): string {
  const njs = needsNjs ? '\nTokens need njs (Debian: libnginx-mod-http-js).' : ''
  return `${count} files in ${dir}. In nginx.conf:

    http {
        include ${dir}/http.conf;
        ...
        location /group1/M00 {
            include ${dir}/ngx_fastdfs_module.conf;   # was: ngx_fastdfs_module;
        }
    }
${njs}
Then: nginx -t && nginx -s reload
`
}
