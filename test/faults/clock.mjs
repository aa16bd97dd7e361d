// Loaded before the edge: the time of day is wrong by as many milliseconds as a file says.
import { readFileSync } from 'node:fs'

const RealDate = Date
const path = process.env.FAULTS_CLOCK
const offset = () => Number(readFileSync(path, 'utf8')) || 0

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + offset())
    else super(...args)
  }

  static now() {
    return RealDate.now() + offset()
  }
}
