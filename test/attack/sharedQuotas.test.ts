import { startCountingStore } from '../support/countingStore.ts'
import { limitAttacks } from './sharedAttacks.ts'

limitAttacks('shared quotas', startCountingStore)
