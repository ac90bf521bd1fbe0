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

let exposed: NodeJS.GCFunction | null = null

/** Collects garbage, whichever way the process was started. */
export function collectGarbage(): void {
  collector()()
}

/** Frees what is young and not used any more, on this thread. */
export function collectYoung(): void {
  collector()({ type: 'minor' })
}

/** What V8 gives to contexts that are made after the flag was set. */
function collector(): NodeJS.GCFunction {
  if (exposed === null) {
    setFlagsFromString('--expose-gc')
    exposed = runInNewContext('gc') as NodeJS.GCFunction
  }
  return exposed
}
