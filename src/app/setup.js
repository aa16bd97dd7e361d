// Installs what the npm scripts need and has not been installed yet: npm packages where the lock
// file is newer than what was installed, and the Debian packages named as arguments. Of those behind
// `--optional` it says that they are missing where it cannot install them, and goes on.
// Plain JavaScript that Node 18 understands, without any package of its own.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')

/** @param sudo what goes in front of the command, for one that needs root */
function run(command, args, env = {}, sudo = []) {
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }
  const [program, ...rest] = [...sudo, command, ...args]
  return spawnSync(program, rest, options).status === 0
}

function fail(message) {
  console.error(`setup: ${message}`)
  process.exit(1)
}

function installNpmPackages() {
  const lock = join(root, 'package-lock.json')
  const installed = join(root, 'node_modules/.installed-lock.json')
  if (existsSync(installed) && readFileSync(lock).equals(readFileSync(installed))) return
  // The warnings are about the Node that runs npm, not the one that runs the edge.
  if (!run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']))
    fail('npm ci failed, see above')
  copyFileSync(lock, installed)
}

function isThere(file) {
  return file.startsWith('/') ? existsSync(file) : isOnPath(file)
}

function isOnPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)))
}

/**
 * The program or file that a Debian package is wanted for, where it has another name. Of MariaDB these
 * have all that a test starts by itself; `mariadb-server` would leave a server of the system running.
 */
const FILES = {
  'mariadb-server-core': 'mariadbd',
  'mariadb-client-core': 'my_print_defaults',
  'libnginx-mod-http-js': '/usr/lib/nginx/modules/ngx_http_js_module.so',
  'libnginx-mod-http-image-filter': '/usr/lib/nginx/modules/ngx_http_image_filter_module.so',
}

/** Debian starts the nginx that it installs, on port 80, unless this says no (invoke-rc.d). */
const POLICY = '/usr/sbin/policy-rc.d'

function withoutStarting(sudo, install) {
  const asRoot = (script) => run('sh', ['-c', script], {}, sudo)
  const isOurs = !existsSync(POLICY)
  if (isOurs) asRoot(`printf '#!/bin/sh\\nexit 101\\n' > ${POLICY} && chmod 755 ${POLICY}`)
  const hadNginx = isOnPath('nginx')
  const isInstalled = install()
  if (isOurs) asRoot(`rm -f ${POLICY}`)
  if (!hadNginx && isOnPath('nginx') && existsSync('/run/systemd/system')) {
    asRoot('systemctl disable --quiet nginx')
  }
  return isInstalled
}

/** Whether sudo is there and asks for no password. */
function isAllowed([sudo, ...args]) {
  return sudo === undefined || spawnSync(sudo, [...args, 'true'], { stdio: 'ignore' }).status === 0
}

/** @returns whether all of them are there now */
function installDebianPackages(missing) {
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  if (!isOnPath('apt-get') || !isAllowed(sudo)) return false
  const apt = (args) => run('apt-get', args, { DEBIAN_FRONTEND: 'noninteractive' }, sudo)
  const install = ['install', '--yes', '--no-install-recommends', ...missing]
  return withoutStarting(sudo, () => apt(install) || (apt(['update']) && apt(install)))
}

/** @param giveUp is told what to do by hand, where packages cannot be installed */
function needDebianPackages(names, giveUp) {
  const missing = names.filter((name) => !isThere(FILES[name] ?? name))
  if (missing.length === 0 || installDebianPackages(missing)) return
  const list = missing.join(' ')
  giveUp(`could not install the Debian packages ${list}: as root, apt-get install ${list}`)
}

function goOn(message) {
  console.error(`setup: ${message}; going on without`)
}

const names = process.argv.slice(2)
const optional = names.indexOf('--optional')
installNpmPackages()
needDebianPackages(optional < 0 ? names : names.slice(0, optional), fail)
if (optional >= 0) needDebianPackages(names.slice(optional + 1), goOn)
