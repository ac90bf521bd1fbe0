import { createServer } from 'node:net'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded into the data planes of a Pod beside `test/support/steeredClock.ts`, in place of the parent that it listens to:
 * whoever connects writes how many milliseconds the clock is to be ahead and is answered when it is.
 */
if (isMainThread) {
  createServer({ allowHalfOpen: true }, (socket) => {
    let text = ''
    socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    socket.on('end', () => {
      process.emit('message', { ahead: Number(text) }, undefined)
      socket.end('set')
    })
  })
    .listen(9999)
    .unref()
}
