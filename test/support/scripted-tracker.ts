import type { Socket } from 'node:net'
import type { ArgumentsToSend } from '../../src/wire/mogilefs/arguments.ts'
import { decodeRequest, encodeError, encodeOk, type Request } from '../../src/wire/mogilefs/line.ts'
import { type ScriptedDaemon, startDaemon } from './scripted-daemon.ts'

/** The bytes to answer with, given the call's `callid`. */
export type Reply = (callid: string | undefined) => string

export function ok(args: ArgumentsToSend = {}): Reply {
  return (callid) => encodeOk({ ...args, callid })
}

export function error(code: string, text = code): Reply {
  return (callid) => encodeError(code, text, callid)
}

export const silence: Reply = () => ''

export function raw(text: string): Reply {
  return () => text
}

export interface ScriptedTracker extends ScriptedDaemon {
  /** All requests so far, in their order. */
  readonly requests: readonly Request[]
  /** Their commands. */
  readonly commands: readonly string[]
}

/** A tracker that answers each command as a test says; null ends the connection unanswered. */
export async function startTracker(
  answer: (request: Request, socket: Socket, connection: number) => Reply | null,
): Promise<ScriptedTracker> {
  const requests: Request[] = []
  const commands: string[] = []
  const daemon = await startDaemon((socket, connection) => {
    // As mogilefsd does: the second of two answers must not wait until the first is acknowledged.
    socket.setNoDelay(true)
    let text = ''
    socket.on('data', (chunk) => {
      const lines = `${text}${chunk}`.split('\n')
      text = lines.pop() ?? ''
      for (const line of lines) {
        const request = decodeRequest(line)
        if (request === null) continue
        requests.push(request)
        commands.push(request.command)
        const reply = answer(request, socket, connection)
        if (reply === null) socket.destroy()
        else socket.write(reply(request.args.get('callid')))
      }
    })
  })
  return { ...daemon, requests, commands }
}

/** Answers by command; what is not there is an unknown command. */
export function byCommand(
  replies: Readonly<Record<string, Reply | null>>,
): (request: Request) => Reply | null {
  return ({ command }) => {
    const reply = replies[command]
    return reply === undefined ? error('unknown_command', 'Unknown server command') : reply
  }
}
