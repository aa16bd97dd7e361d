import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where a program is; that of root too, whose folders are in no other user's PATH. */
export function findProgram(name: string, path = process.env['PATH'] ?? ''): string | undefined {
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  const places = folders.flatMap((folder) => [folder, folder.replace(/(?<=\/)bin$/, 'sbin')])
  return places.map((folder) => join(folder, name)).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** How nginx is called: where it can be had, it ends when this process is killed. */
export function nginxCommand(nginx: string): [program: string, ...args: string[]] {
  const setpriv = findProgram('setpriv')
  return setpriv === undefined ? [nginx] : [setpriv, '--pdeathsig', 'TERM', nginx]
}
