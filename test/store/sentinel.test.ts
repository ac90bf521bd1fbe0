import { startSentinelPair } from '../support/sentinelPair.ts'
import { disastersOfGroup } from '../support/storeDisasters.ts'
import { describeDisasters, leavesOldLeaders } from './disasterCases.ts'

describeDisasters(startSentinelPair, disastersOfGroup, leavesOldLeaders)
