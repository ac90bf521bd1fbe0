import { Readable } from 'node:stream'
import type { ClientRequest } from './clientSide.ts'

/** Whether a body follows the head (RFC 9112 6.3). */
export function hasBody({ headers }: ClientRequest): boolean {
  if (headers['transfer-encoding'] !== undefined) return true
  const length = headers['content-length']
  return length !== undefined && Number(length) > 0
}

/**
 * A request's body for undici, which destroys what it is given as soon as the upstream has answered. The request itself
 * must survive that: what the client still sends has to be read before the connection can be used or closed.
 *
 * @param limit - bytes
 * @param exceeded - called when more than that came; it destroys the body
 */
export function uploadOf(request: ClientRequest, limit: number, exceeded: () => void): Readable {
  let taken = 0
  const take = (chunk: Buffer): void => {
    taken += chunk.length
    if (taken > limit) {
      exceeded()
      return
    }
    if (!upload.push(chunk)) request.pause()
  }
  const end = (): void => {
    upload.push(null)
  }
  let reading = false
  const upload = new Readable({
    read() {
      if (reading) {
        request.resume()
        return
      }
      reading = true
      request.on('data', take)
      request.on('end', end)
    },
    destroy(error, callback) {
      request.off('data', take)
      request.off('end', end)
      callback(error)
    },
  })
  return upload
}
