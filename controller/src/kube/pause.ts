/** Resolves after so many milliseconds, or as soon as it is aborted. */
export function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      stop.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, stop.aborted ? 0 : milliseconds)
    stop.addEventListener('abort', done)
  })
}
