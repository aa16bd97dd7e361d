// Holds listening sockets, from descriptor 3 on, and starts with them what it is told, as systemd does:
// the process of SocketSupervisor.
import { spawn } from 'node:child_process'

const [, , countText = ''] = process.argv
const sockets = Array.from({ length: Number(countText) }, (_, index) => 3 + index)
/** Only a shell can tell a program its own pid before that begins. */
const WITH_ITS_PID = 'export LISTEN_PID=$$; exec "$@"'

process.on('message', (message: unknown) => {
  if (!isOrder(message)) throw new Error(`no order: ${message}`)
  const child = spawn('sh', ['-c', WITH_ITS_PID, 'sh', ...message.command], {
    stdio: ['ignore', 'ignore', 'inherit', ...sockets],
    // To be killed with all that it starts.
    detached: true,
    env: { ...process.env, LISTEN_FDS: countText },
  })
  process.send?.({ id: message.id, pid: child.pid })
  child.on('exit', (code) => process.send?.({ id: message.id, code }))
})

function isOrder(message: unknown): message is { id: number; command: string[] } {
  return typeof message === 'object' && message !== null && 'command' in message
}
