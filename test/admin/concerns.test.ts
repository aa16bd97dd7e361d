import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ClusterReport } from '../../src/admin/cluster-report.ts'
import { concernsOf, summaryOf } from '../../src/admin/concerns.ts'
import type { Status } from '../../src/admin/status.ts'
import {
  device,
  mogilefsHost,
  NOW,
  processReport,
  status,
  storage,
  troubledStatus,
  wellClusters,
} from '../support/status-fixture.ts'

function textsOf(clusters: Partial<ClusterReport>): readonly string[] {
  const all = concernsOf(status({ clusters: { ...wellClusters(), ...clusters } }))
  return all.map(({ level, text }) => `${level}: ${text}`)
}

function sentenceOf(it: Status): string {
  return summaryOf(concernsOf(it)).text
}

function group(storages: readonly ReturnType<typeof storage>[], change: object = {}) {
  const one = { groupName: 'group1', totalMb: 1000, freeMb: 500, reservedMb: 10, storages }
  return { fastdfs: { trackers: [], groups: [{ ...one, ...change }] } }
}

const lost = { error: 'refused' }
const tracker = { tracker: 't:1', error: null, databaseError: null }

describe('the sentence', () => {
  test('where nothing is amiss', () => assert.equal(sentenceOf(status()), 'All is well'))

  test('where others make up for what is down', () => {
    assert.equal(sentenceOf(troubledStatus()), 'Files are served, and 6 things need a look')
    const one = status({ warnings: ['something'] })
    assert.equal(sentenceOf(one), 'Files are served, and one thing needs a look')
  })

  test('where nothing makes up for it, however many other things there are', () => {
    const clusters = { ...wellClusters(), ...group([storage(lost)]) }
    const summary = summaryOf(concernsOf(status({ clusters, warnings: ['something'] })))
    assert.equal(summary.text, 'No storage of group1 can be read: its files are not served')
    assert.deepEqual(
      summary.rest.map(({ level }) => level),
      ['down', 'look'],
    )
  })
})

describe('FastDFS', () => {
  const cases: Readonly<Record<string, readonly [Partial<ClusterReport>, readonly string[]]>> = {
    'a storage that its tracker gave up': [
      group([storage(), storage({ host: 'b:1', states: ['OFFLINE'] })]),
      ['down: Storage b:1 of group1 is OFFLINE; 1 of 2 serve'],
    ],
    'one that is being filled': [
      group([storage(), storage({ host: 'b:1', states: ['SYNCING'] })]),
      ['down: Storage b:1 of group1 is SYNCING; 1 of 2 serve'],
    ],
    'one about which trackers disagree': [
      group([storage(), storage({ host: 'b:1', states: ['ACTIVE', 'OFFLINE'] })]),
      ['look: Storage b:1 of group1 is ACTIVE for one tracker and OFFLINE'],
    ],
    'one that an operator removed': [group([storage(), storage({ states: ['DELETED'] })]), []],
    'one that is far behind': [
      group([storage(), storage({ host: 'b:1', syncDelaySeconds: 7300 })]),
      ['look: Storage b:1 of group1 is 2 h behind the others'],
    ],
    'one that has nothing yet': [group([storage({ syncDelaySeconds: 'never' })]), []],
    'a group with little space': [
      group([storage()], { freeMb: 50 }),
      ['look: group1 has 5 % of its space left'],
    ],
    'a group with none': [
      group([storage()], { freeMb: 10 }),
      ['down: group1 is full: it takes no uploads'],
    ],
    'a tracker that is silent': [
      {
        fastdfs: {
          trackers: [
            { tracker: 'a:1', error: null },
            { tracker: 'b:1', ...lost },
          ],
          groups: [],
        },
      },
      ['down: FastDFS tracker b:1 does not answer: refused'],
    ],
    'no tracker at all': [
      { fastdfs: { trackers: [{ tracker: 'b:1', ...lost }], groups: [] } },
      [
        'bad: No FastDFS tracker answers: only places that are remembered serve',
        'down: FastDFS tracker b:1 does not answer: refused',
      ],
    ],
  }
  for (const [name, [clusters, wanted]] of Object.entries(cases)) {
    test(name, () => assert.deepEqual(textsOf(clusters), wanted))
  }
})

describe('MogileFS', () => {
  const cases: Readonly<Record<string, readonly [Partial<ClusterReport>, readonly string[]]>> = {
    'a tracker without its database, beside a database that answers': [
      { mogilefs: { trackers: [{ ...tracker, databaseError: 'gone' }], hosts: [], devices: [] } },
      ['down: MogileFS tracker t:1 has trouble with its database: gone'],
    ],
    'neither tracker nor database': [
      {
        mogilefs: { trackers: [{ ...tracker, ...lost }], hosts: [], devices: [] },
        databases: [{ host: 'd:1', role: 'primary', error: 'refused', lag: null }],
      },
      [
        'bad: Nothing of MogileFS tells where files are: only places that are remembered serve',
        'down: MogileFS tracker t:1 does not answer: refused',
        'down: Primary database d:1 does not answer: refused',
      ],
    ],
    'the only host that is in use': [
      {
        mogilefs: {
          trackers: [tracker],
          hosts: [mogilefsHost(lost), mogilefsHost({ status: 'dead' })],
          devices: [],
        },
      },
      [
        'bad: No host of MogileFS answers: its files are not served',
        'down: MogileFS host mog1 does not answer: refused',
      ],
    ],
    'a device that is full, one that is marked down': [
      {
        mogilefs: {
          trackers: [tracker],
          hosts: [mogilefsHost()],
          devices: [device({ observedStates: ['readable'] }), device({ devid: 2, status: 'down' })],
        },
      },
      [
        'look: MogileFS dev1 on mog1 is readable, where it should be writeable',
        'look: MogileFS dev2 on mog1 is marked down',
      ],
    ],
  }
  for (const [name, [clusters, wanted]] of Object.entries(cases)) {
    test(name, () => assert.deepEqual(textsOf(clusters), wanted))
  }

  const lags = [
    [{ kind: 'seconds', seconds: 30 }, []],
    [{ kind: 'seconds', seconds: 95 }, ['look: Replica r:1 is 95 s behind its primary']],
    [{ kind: 'files', files: 100 }, []],
    [{ kind: 'files', files: 1200 }, ["look: Replica r:1 lacks the primary's newest 1,200 files"]],
    [{ kind: 'stopped', reason: 'x' }, ['down: Replica r:1 gets nothing from its primary: x']],
    [{ kind: 'unknown', reason: 'x' }, []],
  ] as const
  for (const [lag, wanted] of lags) {
    test(`a replica's lag: ${JSON.stringify(lag)}`, () => {
      const databases = [{ host: 'r:1', role: 'replica', error: null, lag } as const]
      assert.deepEqual(textsOf({ databases }), wanted)
    })
  }
})

describe('the edge', () => {
  function withRequests(requests: number, errors: number): readonly string[] {
    const traffic = [{ startsAt: NOW - 20_000, requests, errors, bytes: 0 }]
    const all = concernsOf(status({ processes: [processReport({ traffic })] }))
    return all.map(({ level, text }) => `${level}: ${text}`)
  }

  test('requests that fail count by their share', () => {
    assert.deepEqual(withRequests(1000, 9), [])
    assert.deepEqual(withRequests(10, 4), [])
    assert.deepEqual(withRequests(1000, 20), [
      'look: 2 % of the requests of the last minute failed (20 of 1,000)',
    ])
    assert.deepEqual(withRequests(1000, 250), [
      'bad: 25 % of the requests of the last minute failed (250 of 1,000)',
    ])
  })

  test('no process at all', () => {
    assert.equal(
      sentenceOf(status({ processes: [] })),
      'No edge process answers: nothing is served',
    )
  })

  test('a process that has too much to do, and a folder that cannot be read', () => {
    const seen = { failures: 1, silences: 0, wrongContents: 0 }
    const hosts = ['/data/path0', '10.0.0.1:1'].map((host) => ({ host, isFailing: true, ...seen }))
    const processes = [processReport({ pid: 7, eventLoopLagMs: 250.4, hosts })]
    assert.deepEqual(
      concernsOf(status({ processes })).map(({ text }) => text),
      [
        'Files in /data/path0 cannot be read',
        'Edge process 7 is overloaded: a request waits 250 ms',
      ],
    )
  })
})
