import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
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
  const cacheFolder = dirname(conf.nginx.cachePath)
  const text = explain(dir, {
    count: files.length,
    hasTokens: conf.antiSteal.secretKey !== '',
    hasFastdfs: conf.trackerServers.length > 0 || conf.localGroups.length > 0,
    hasMogilefs: conf.mogilefs !== null,
    missingFolder: existsSync(cacheFolder) ? null : cacheFolder,
  })
  process.stdout.write(text)
}

interface Written {
  readonly count: number
  readonly hasTokens: boolean
  readonly hasFastdfs: boolean
  readonly hasMogilefs: boolean
  /** nginx makes the last folder of its cache, and none above it. */
  readonly missingFolder: string | null
}

const SECURE_LINK =
  "\nTokens need nginx's secure_link module: packages have it, an nginx of your own is built" +
  '\n--with-http_secure_link_module.'

function explain(dir: string, written: Written): string {
  const { count, hasTokens, hasFastdfs, hasMogilefs, missingFolder } = written
  const module = hasTokens ? SECURE_LINK : ''
  const make = missingFolder === null ? '' : `mkdir -p ${missingFolder} && `
  return `${count} files in ${dir}. In nginx.conf:

    http {
        include ${dir}/http.conf;
        server {
            ..
${hasFastdfs ? explainFastdfs(dir) : ''}${hasMogilefs ? explainMogilefs(dir) : ''}        }
    }
${module}
Then: ${make}nginx -t && nginx -s reload
`
}

function explainFastdfs(dir: string): string {
  return `            location /group1/M00 {
                include ${dir}/ngx_fastdfs_module.conf;   # was: ngx_fastdfs_module;
            }
`
}

function explainMogilefs(dir: string): string {
  return `            # MogileFS, in each of its servers:
            include ${dir}/mogilefs_server.conf;
            location /DOMAIN/ {
                include ${dir}/ngx_mogilefs_module.conf;
            }
`
}
