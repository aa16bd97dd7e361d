import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import {
  type EdgeConf,
  type EdgeConfRead,
  formatFaults,
  readEdgeConf,
} from '../../src/config/index.ts'

/** A folder that goes away with the test, with `files` in it; `name/` is an empty folder. */
export function confFolder(
  t: TestContext,
  files: Readonly<Record<string, string | Buffer>>,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'dfs-edge-conf-'))
  t.after(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true })
    if (!name.endsWith('/')) writeFileSync(path, content)
  }
  return folder
}

/** What `text` reads as, as an edge.conf with a tracker in its first line. */
export function readText(t: TestContext, text: string): EdgeConfRead {
  const folder = confFolder(t, { 'edge.conf': `tracker_server = 127.0.0.1\n${text}` })
  return readEdgeConf(join(folder, 'edge.conf'))
}

/** `line: message` of each, without the folder. */
export function brief(found: EdgeConfRead['faults']): string[] {
  return found.map(({ line, message }) => `${line ?? '-'}: ${message}`)
}

/** The configuration; a fault fails the test with all that was found. */
export function confOf({ conf, faults, warnings }: EdgeConfRead): EdgeConf {
  if (conf === undefined) throw new Error(formatFaults(faults, warnings))
  return conf
}
