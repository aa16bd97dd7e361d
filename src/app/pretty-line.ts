import { prettyFactory } from 'pino-pretty'

/** A log line for people at a terminal: time, level, message, and the rest below. */
export const prettyLine: (line: string) => string = prettyFactory({
  colorize: true,
  translateTime: 'SYS:HH:MM:ss.l',
  singleLine: true,
})
