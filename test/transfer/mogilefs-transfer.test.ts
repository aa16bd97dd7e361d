import { fileTransferSuite } from '../suites/file-transfer.ts'
import { startMogilefs } from '../support/mogilefs-stack.ts'

fileTransferSuite('MogileFS', startMogilefs)
