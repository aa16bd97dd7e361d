// Installs what the npm scripts need and has not been installed yet: npm packages where the lock
// file is newer than what was installed, and the Debian packages named as arguments.
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
  if (!run('npm', ['ci', '--no-audit', '--no-fund'])) fail('npm ci failed, see above')
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

function installDebianPackages(names) {
  const missing = names.filter((name) => !isThere(FILES[name] ?? name))
  if (missing.length === 0) return
  const list = missing.join(' ')
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  const canInstall = isOnPath('apt-get') && (sudo.length === 0 || isOnPath('sudo'))
  if (!canInstall) fail(`please install the Debian packages: ${list}`)
  const apt = (args) => run('apt-get', args, { DEBIAN_FRONTEND: 'noninteractive' }, sudo)
  const install = ['install', '--yes', '--no-install-recommends', ...missing]
  if (!withoutStarting(sudo, () => apt(install) || (apt(['update']) && apt(install)))) {
    fail(`could not install the Debian packages: ${list} (as root: apt-get install ${list})`)
  }
}

installNpmPackages()
installDebianPackages(process.argv.slice(2))
