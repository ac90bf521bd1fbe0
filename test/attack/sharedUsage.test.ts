import { startCountingStore } from '../support/countingStore.ts'
import { usageAttacks } from './sharedUsageAttacks.ts'

usageAttacks('usage of shared quotas', async () => {
  const store = await startCountingStore()
  return { ...store, freeze: () => store.say(() => new Promise(() => {})), thaw: () => store.say(null) }
})
