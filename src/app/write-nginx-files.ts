import { chmod, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CommandError, describeError } from './exit-code.ts'
import type { NginxFile } from './nginx-files.ts'

/** @throws CommandError that names the file which cannot be written */
export async function writeNginxFiles(dir: string, files: readonly NginxFile[]): Promise<void> {
  for (const file of files) {
    await write(dir, file).catch((cause) => {
      throw new CommandError(`cannot write ${join(dir, file.name)}: ${describeError(cause)}`)
    })
  }
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
