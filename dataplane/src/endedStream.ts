/** What a stream of HTTP/2 is to those who listen to it. */
interface Listened {
  removeAllListeners(event?: string): unknown
  on(event: 'error', listener: () => void): unknown
}

/**
 * Lets go of everything that listens to a stream of HTTP/2 that is closed. Node keeps the streams of a session in a map, and
 * tables that a map has left behind still point to streams which are gone: with its listeners each would keep a whole
 * request, until all of the heap is collected.
 */
export function letGo(stream: Listened): void {
  // While nobody hears of removals the others go all at once.
  stream.removeAllListeners('removeListener')
  stream.removeAllListeners()
  stream.on('error', ignore)
}

const ignore = (): void => {}
