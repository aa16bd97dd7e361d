import { replicasSuite } from '../suites/replicas.ts'
import { startFastdfs } from '../support/edge-stack.ts'
import { startMogilefs } from '../support/mogilefs-stack.ts'

replicasSuite('FastDFS', startFastdfs)
replicasSuite('MogileFS', startMogilefs)
