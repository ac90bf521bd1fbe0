import { totalmem } from 'node:os'
import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { MemoryUse } from './state/overload.ts'

/** Bytes that the process may have; null = as many as there are. */
function containerLimit(): number | null {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : null
}

/** Reads what the process uses, against the limits that it began with. */
export function memoryReader(): () => MemoryUse {
  const limit = containerLimit()
  return () => {
    const { used_heap_size: used, heap_size_limit: most } = getHeapStatistics()
    return { heap: used / most, container: limit === null ? 0 : process.memoryUsage.rss() / limit }
  }
}

let collector: NodeJS.GCFunction | null = null

/** Frees what is young and not used any more, on this thread. V8 is asked for that by a function that it gives to new contexts alone. */
export function collectYoung(): void {
  collector ??= exposedCollector()
  collector({ type: 'minor' })
}

function exposedCollector(): NodeJS.GCFunction {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as NodeJS.GCFunction
}
