import { limitAttacks } from '../attack/sharedAttacks.ts'
import { usageAttacks } from '../attack/sharedUsageAttacks.ts'
import { startRedis } from '../support/redisServer.ts'

/** What a scripted store cannot show: that the script itself holds. */
limitAttacks('shared quotas in Redis', () => startRedis())

usageAttacks('usage of shared quotas in Redis', () => startRedis())
