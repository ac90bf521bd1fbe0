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

/** Collects garbage, whichever way the process was started: contexts that are made after the flag was set can do it. */
export function garbageCollector(): () => void {
  let collect: unknown = null
  return () => {
    if (collect === null) {
      setFlagsFromString('--expose-gc')
      collect = runInNewContext('gc')
    }
    if (typeof collect === 'function') collect()
  }
}
