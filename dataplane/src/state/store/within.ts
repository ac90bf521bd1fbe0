import { StoreError } from './fault.ts'

/**
 * Waits for a store, but not for ever. An answer that lies in the socket when the time is up still counts: it is the
 * event loop that was late then, and not the store.
 *
 * @param time - milliseconds
 * @throws StoreError `timeout`; and whatever is waited for throws
 */
export function within<T>(time: number, waited: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => setImmediate(() => reject(new StoreError('timeout'))), time)
    waited.then(
      (value) => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error instanceof Error ? error : new StoreError('refused'))
      },
    )
  })
}
