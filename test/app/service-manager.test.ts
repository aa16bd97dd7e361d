import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { isJournal, journalLine } from '../../src/app/service-manager.ts'
import { freePort } from '../support/free-port.ts'
import { ServeProcess } from '../support/serve-process.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'

const hasSystemd = spawnSync('systemd-notify', ['--version']).status === 0

/** Node has no datagram sockets of Unix; Perl is part of every Debian. */
const LISTENER = `
use Socket;
socket($socket, AF_UNIX, SOCK_DGRAM, 0) or die $!;
bind($socket, sockaddr_un($ARGV[0])) or die $!;
$| = 1;
print "listening\\n";
while (defined recv($socket, $message, 4096, 0)) { print "$message\\n" }
`

/** What is said to the socket, as systemd hears it. */
async function hear(t: TestContext, path: string): Promise<() => string> {
  const child = spawn('perl', ['-e', LISTENER, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill())
  let heard = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    heard += text
  })
  const [hint] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  assert.equal(hint, 'listening\n')
  return () => heard
}

test('systemd hears when all processes listen, and what a reload came to', {
  skip: !hasSystemd,
}, async (t) => {
  const socket = join(await temporaryFolder(t), 'notify')
  const heard = await hear(t, socket)
  const settings = `tracker_server = 127.0.0.1:${await freePort()}`
  const env = { NOTIFY_SOCKET: socket }
  const serve = await ServeProcess.start(t, settings, { env })
  await waitFor('READY', () => heard().includes('READY=1\nSTATUS=serving '), heard)
  assert.match(heard(), new RegExp(`STATUS=serving ${serve.url}, admin listener ${serve.admin}\n`))
  await serve.configure('workerz = 2')
  await serve.reload('the new configuration is refused, the old one stays')
  await waitFor('refused', () => heard().includes('; the new configuration is refused'), heard)
  await serve.configure(settings)
  await serve.reload()
  await waitFor('taken', () => heard().split('STATUS=').length === 4, heard)
  assert.doesNotMatch(heard().split('STATUS=')[3] ?? '', /refused/)
  assert.equal(heard().split('READY=1').length, 2)
  assert.equal(await serve.stop(), 0)
})

test('who cannot tell systemd serves all the same, and says so', async (t) => {
  const settings = `tracker_server = 127.0.0.1:${await freePort()}`
  const env = { NOTIFY_SOCKET: '/does/not/exist' }
  const serve = await ServeProcess.start(t, settings, { env })
  await waitFor('the log', () => serve.says('systemd cannot be told how the edge is'))
  assert.equal((await fetch(`${serve.admin}/healthz`)).status, 200)
  assert.equal(await serve.stop(), 0)
})

test('the journal has the priority of a line, and only the journal', () => {
  assert.equal(journalLine('{"level":30,"msg":"request"}\n'), '{"level":30,"msg":"request"}\n')
  assert.equal(journalLine('{"level":40,"msg":"a"}\n'), '<4>{"level":40,"msg":"a"}\n')
  assert.equal(journalLine('{"level":50,"msg":"a"}\n'), '<3>{"level":50,"msg":"a"}\n')
  assert.equal(journalLine('{"level":60,"msg":"a"}\n'), '<2>{"level":60,"msg":"a"}\n')
  assert.equal(journalLine('other {"level":60,'), 'other {"level":60,')
})

test('standard error is the journal where it is what systemd gave', () => {
  const fd = openSync('/dev/null', 'w')
  const { stdout } = spawnSync('stat', ['-Lc', '%d:%i', '/dev/null'], { encoding: 'utf8' })
  assert.equal(isJournal(fd, { JOURNAL_STREAM: stdout.trim() }), true)
  assert.equal(isJournal(fd, { JOURNAL_STREAM: `${stdout.trim()}1` }), false)
  assert.equal(isJournal(fd, {}), false)
})
