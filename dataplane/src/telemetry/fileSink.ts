import { write } from 'node:fs'
import type { LineSink } from './lineWriter.ts'

/**
 * Writes to a file descriptor on the thread pool: unlike `process.stdout`, whose writes to a pipe stop the whole
 * process while nobody reads it.
 *
 * @param descriptor - 1 for standard output
 */
export function fileSink(descriptor: number): LineSink {
  return {
    write: (bytes, done) =>
      write(descriptor, bytes, (error, written) => {
        if (error === null) return done(written)
        // A pipe that its other user made non-blocking is full; any other error says that these bytes will never arrive.
        done(error.code === 'EAGAIN' ? 'later' : 'lost')
      }),
  }
}
