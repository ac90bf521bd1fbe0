import { startCluster } from '../support/redisCluster.ts'
import { disastersOfGroup } from '../support/storeDisasters.ts'
import { describeDisasters, leavesOldLeaders } from './disasterCases.ts'

describeDisasters(startCluster, disastersOfGroup, leavesOldLeaders)
