import { startScriptedStore, type Answer, type ScriptedStore } from './scriptedStore.ts'
import { numbers } from './storeLies.ts'

/** A store that counts as the real one does, but gives nothing back and waits for nothing; or lies. */
export interface CountingStore extends ScriptedStore {
  /** Says this to whatever is counted or marked from now on; null = the truth. @param lie - told the truth */
  say(lie: ((truth: string) => string | Promise<string>) | null): void
}

/** Milliseconds that it tells those to wait whom it refuses. */
export const storeWait = 1_800_000
const fieldsPerMeter = 11

interface Asked {
  readonly key: string
  /** Units of its limit. */
  readonly room: number
  readonly cost: number
  readonly most: number
}

function askedIn(keys: readonly string[], values: readonly string[]): readonly Asked[] {
  return keys.map((key, index) => {
    const [kind, limit, burst, , , cost, most] = values.slice(1 + index * fieldsPerMeter)
    return { key, room: Number(kind === 'T' ? burst : limit), cost: Number(cost), most: Number(most) }
  })
}

export async function startCountingStore(): Promise<CountingStore> {
  const used = new Map<string, number>()
  const leftOf = ({ key, room }: Asked): number => Math.max(0, room - (used.get(key) ?? 0))
  const count = (mode: string | undefined, asked: readonly Asked[]): string => {
    const waits = asked.map((one) => (mode === 'weigh' || leftOf(one) >= Math.max(1, one.cost) ? 0 : storeWait * 1000))
    const passed = waits.every((wait) => wait === 0)
    const counts = asked.flatMap((one, index) => {
      const fits = mode === 'weigh' ? one.cost : Math.max(one.cost, Math.min(one.most, leftOf(one)))
      const taken = passed ? fits : 0
      used.set(one.key, (used.get(one.key) ?? 0) + taken)
      return [taken, waits[index]!, leftOf(one), storeWait * 1000]
    })
    return numbers(passed ? 1 : 0, ...counts)
  }
  const truthOf = (keys: readonly string[], values: readonly string[]): string => {
    if (values[0] === 'ask' || values[0] === 'weigh') return count(values[0], askedIn(keys, values))
    const [key = ''] = keys
    const first = !used.has(key)
    used.set(key, 1)
    return first ? ':1\r\n' : ':0\r\n'
  }
  let lie: ((truth: string) => string | Promise<string>) | null = null
  const answer: Answer = (words) => {
    if (words[0] === 'EVAL' && words[1]!.includes("return 'ok'")) return '$2\r\nok\r\n'
    const keys = words.slice(3, 3 + Number(words[2]))
    const truth = truthOf(keys, words.slice(3 + keys.length))
    return lie === null ? truth : lie(truth)
  }
  return { ...(await startScriptedStore(answer)), say: (next) => (lie = next) }
}
