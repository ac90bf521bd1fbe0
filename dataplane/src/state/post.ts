import { Client } from 'undici'
import { checkedDialer } from './checkedDialer.ts'
import type { FetchRequest } from './fetch.ts'

/** Bytes of an answer that are read before its connection is closed. */
const maxAnswer = 64 * 1024

/**
 * POST over https (M13): to a checked address, on a connection of its own, without following redirects. Plain http goes to
 * loopback alone, and only where the rules allow loopback.
 *
 * @param time - milliseconds for all of it, from resolving the name to the end of the answer
 * @returns the status; it rejects when there is none
 */
export async function post(
  { uri, ...dialling }: FetchRequest,
  { contentType, text }: { readonly contentType: string; readonly text: string },
  time: number,
  closing: AbortSignal,
): Promise<number> {
  const url = new URL(uri)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('only https can be called')
  if (url.username !== '' || url.password !== '') throw new Error('a URL with credentials is not called')
  const signal = AbortSignal.any([closing, AbortSignal.timeout(time)])
  const client = new Client(url.origin, {
    connect: checkedDialer({ ...dialling, signal }),
    allowH2: false,
    maxResponseSize: maxAnswer,
  })
  try {
    const request = client.request({
      method: 'POST',
      path: url.pathname + url.search,
      headers: { 'content-type': contentType, 'accept-encoding': 'identity' },
      body: text,
      signal,
    })
    const { statusCode, body } = await Promise.race([request, ended(signal)])
    body.on('error', ignore)
    body.destroy()
    return statusCode
  } finally {
    client.destroy().catch(ignore)
  }
}

/** Resolving a name cannot be aborted; waiting for it can. */
const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    const end = (): void => reject(new Error('the call took too long'))
    signal.addEventListener('abort', end, { once: true })
    if (signal.aborted) end()
  })

const ignore = (): void => {}
