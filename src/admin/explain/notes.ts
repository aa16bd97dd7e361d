import type { FastdfsEvidence } from './explain-fastdfs.ts'
import type { MogilefsEvidence } from './explain-mogilefs.ts'
import type { ReplicaReport } from './explanation.ts'
import { formatNames } from './format.ts'

/** What disagrees, one sentence each. */
export function notesOfFastdfs({ lists, replicas }: FastdfsEvidence): readonly string[] {
  const isKnown = lists.some((list) => list !== null)
  const isUnknown = lists.includes(null)
  return [
    ...(isKnown && isUnknown ? ['the trackers disagree: some do not know the group'] : []),
    ...notesOfReplicas(replicas),
  ]
}

export function notesOfMogilefs({
  answers,
  replicas,
  unlisted,
}: MogilefsEvidence): readonly string[] {
  const fids = new Set(answers.flatMap(({ file }) => file?.fid ?? []))
  const isMissing = answers.some(({ missing }) => missing !== null)
  return [
    ...(fids.size > 1
      ? [
          `trackers and databases disagree: the key is fid ${formatNames([...fids].map(String))}, so one of them lags behind an overwrite`,
        ]
      : []),
    ...(fids.size > 0 && isMissing
      ? ['not all trackers and databases know the key yet: a replica of the database lags']
      : []),
    ...unlisted.map(
      (name) => `${name} is named, but no host that is listed has that address: not connected to`,
    ),
    ...notesOfReplicas(replicas),
  ]
}

function notesOfReplicas(replicas: readonly ReplicaReport[]): readonly string[] {
  const having = replicas.filter(({ outcome }) => outcome.kind === 'has')
  return [...sizeNotes(having), ...replicas.flatMap((replica) => noteOf(replica, having))]
}

function sizeNotes(having: readonly ReplicaReport[]): readonly string[] {
  const sizes = new Set(having.map(({ outcome }) => (outcome.kind === 'has' ? outcome.size : 0)))
  return sizes.size > 1 ? ['the copies differ in size: one of them was cut or is being copied'] : []
}

function noteOf(replica: ReplicaReport, having: readonly ReplicaReport[]): readonly string[] {
  const { address, outcome, isSource, isOffered, state } = replica
  if (outcome.kind === 'has' && !outcome.isSizeRight) {
    return [`${address} has a file of the wrong size: it was cut`]
  }
  if (outcome.kind === 'has' && outcome.isChecksumRight === false) {
    return [`${address} has a file of the right size with wrong bytes`]
  }
  if (outcome.kind === 'has' && !isOffered) {
    return [`${address} has the file, but no tracker sends readers there (${state})`]
  }
  if (outcome.kind !== 'absent' || having.length === 0) return []
  return isSource
    ? [
        `${address}, which it was uploaded to, does not have it, others do: it was deleted or restored there`,
      ]
    : [
        `${address} does not have it, others do: it has not been copied there yet, or was lost (${state})`,
      ]
}
