import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Findings } from '../../src/config/fault.ts'
import { formatFaults } from '../../src/config/report.ts'

test('faults, then warnings, each with its place, then a summary', () => {
  const findings = new Findings()
  findings.fault({ file: 'conf/edge.conf' }, 'something is missing')
  findings.fault({ file: 'conf/http.conf', line: 3 }, 'c')
  findings.fault({ file: 'conf/edge.conf', line: 12 }, 'b')
  findings.fault({ file: 'conf/edge.conf', line: 2 }, 'a')
  findings.warn({ file: 'conf/edge.conf', line: 7 }, 'w')
  assert.equal(
    formatFaults(findings.faults, findings.warnings),
    `conf/edge.conf:2: a
conf/edge.conf:12: b
conf/edge.conf: something is missing
conf/http.conf:3: c
conf/edge.conf:7: warning: w
4 faults, 1 warning
`,
  )
})

test('nothing wrong', () => {
  assert.equal(formatFaults([], []), 'no faults, no warnings\n')
})
