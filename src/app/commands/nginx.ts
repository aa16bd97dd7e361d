import { resolve } from 'node:path'
import type { Command } from 'commander'
import { loadConf } from '../cluster-flags.ts'
import { createNginxFiles } from '../nginx-files.ts'
import { writeNginxFiles } from '../write-nginx-files.ts'

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
  await writeNginxFiles(dir, files)
  const needsNjs = conf.antiSteal.secretKey !== ''
  const hasMogilefs = conf.mogilefs !== null
  process.stdout.write(explain(dir, { count: files.length, needsNjs, hasMogilefs }))
}

interface Written {
  readonly count: number
  readonly needsNjs: boolean
  readonly hasMogilefs: boolean
}

function explain(dir: string, { count, needsNjs, hasMogilefs }: Written): string {
  const njs = needsNjs ? '\nTokens need njs (Debian: libnginx-mod-http-js).' : ''
  return `${count} files in ${dir}. In nginx.conf:

    http {
        include ${dir}/http.conf;
        ...
        location /group1/M00 {
            include ${dir}/ngx_fastdfs_module.conf;   # was: ngx_fastdfs_module;
        }
${hasMogilefs ? explainMogilefs(dir) : ''}    }
${njs}
Then: nginx -t && nginx -s reload
`
}

function explainMogilefs(dir: string): string {
  return `        # MogileFS, in each of its servers:
        include ${dir}/mogilefs_server.conf;
        location /DOMAIN/ {
            include ${dir}/ngx_mogilefs_module.conf;
        }
`
}
