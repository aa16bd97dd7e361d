import assert from 'node:assert/strict'

/** What a scrape gave. */
export class Scrape {
  readonly types = new Map<string, string>()
  readonly helps = new Map<string, string>()
  readonly #series = new Map<string, number>()

  /** Fails on whatever is no line of the text format, and on a series that is there twice. */
  constructor(text: string) {
    for (const line of text.split('\n')) {
      if (line !== '') this.#read(line)
    }
  }

  get names(): readonly string[] {
    return [...this.types.keys()]
  }

  /** `name{label="value"}`, the labels in the order of their names; 0 where there is none. */
  get(series: string): number {
    return this.#series.get(series) ?? 0
  }

  /** All series of one name added up, of those whose labels include the given ones. */
  sum(name: string, ...labels: readonly string[]): number {
    return this.entries(name)
      .filter(([series]) => labels.every((label) => series.includes(label)))
      .reduce((sum, [, value]) => sum + value, 0)
  }

  entries(name: string): [series: string, value: number][] {
    return [...this.#series].filter(([series]) => series.split('{', 1)[0] === name)
  }

  #read(line: string): void {
    const [, what, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (what === 'HELP') this.helps.set(name, rest)
    else if (what === 'TYPE') this.types.set(name, rest)
    else this.#readSample(line)
  }

  #readSample(line: string): void {
    const [, name, text = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    assert.ok(name !== undefined && value !== undefined, `no line of a scrape: ${line}`)
    const labels = Array.from(
      text.matchAll(/([a-z]+)="((?:[^"\\]|\\.)*)"(?:,|$)/g),
      ([, key, of]) => [key, of],
    )
    const sorted = labels.map(([key, of]) => `${key}="${of}"`).toSorted()
    const series = sorted.length === 0 ? name : `${name}{${sorted.join(',')}}`
    assert.ok(!this.#series.has(series), `twice: ${series}`)
    assert.ok(Number.isFinite(Number(value)), line)
    this.#series.set(series, Number(value))
  }
}

export async function scrape(admin: string): Promise<Scrape> {
  const response = await fetch(`${admin}/metrics`)
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  return new Scrape(await response.text())
}
