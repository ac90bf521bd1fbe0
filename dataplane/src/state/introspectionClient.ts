import type { ResourceSpec } from '@gatehouse/contract'
import { Pool, type Dispatcher } from 'undici'
import type { AddressRules } from './addressRules.ts'
import { checkedDialer, type Resolve } from './checkedDialer.ts'

/** A server that is asked about tokens, and how. */
export interface IntrospectionTarget {
  readonly url: string
  readonly rules: AddressRules
  /** What the host may resolve to. */
  readonly addresses: 'Public' | 'Private'
  /** PEM certificates in place of the system's authorities; null = the system's. */
  readonly anchors: readonly string[] | null
  readonly resolve: Resolve
  readonly client: ResourceSpec<'clientCredential'>
  /** Milliseconds for a call, from resolving the name to the last byte. */
  readonly timeout: number
  readonly connections: number
}

/**
 * What a call came to. Without an answer: `timeout`; `unreachable`; `unauthorized`, the server does not know the gateway;
 * `rejected`, it takes the request amiss, which the text of a token alone may cause; `status`, any other that is not 200;
 * `malformed`, what it sent is no JSON object or too large.
 */
export type IntrospectionReply =
  | { readonly type: 'answer'; readonly answer: Readonly<Record<string, unknown>>; readonly size: number }
  | { readonly type: 'timeout' | 'unreachable' | 'unauthorized' | 'rejected' | 'status' | 'malformed' }

/** Connections to one introspection endpoint. */
export interface IntrospectionClient {
  /** Never rejects. */
  ask(token: string): Promise<IntrospectionReply>
  /** Ends all connections; calls that are under way end by themselves, at the latest with their deadline. */
  close(): void
}

/** Bytes of the largest answer. */
const maxAnswer = 64 * 1024

/** @throws Error when the URL is none that may be called */
export function introspectionClient(target: IntrospectionTarget): IntrospectionClient {
  const url = new URL(target.url)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('only https can be asked')
  const closing = new AbortController()
  const { rules, addresses, anchors, resolve, connections, timeout, client } = target
  const pool = new Pool(url.origin, {
    connect: checkedDialer({ rules, addresses, anchors, resolve, signal: closing.signal }),
    connections,
    allowH2: false,
    maxResponseSize: maxAnswer,
  })
  const request = { method: 'POST', path: url.pathname + url.search, headers: headersFor(client) } as const
  return {
    ask: async (token) => {
      const signal = AbortSignal.timeout(timeout)
      const body = new URLSearchParams({ token, token_type_hint: 'access_token' }).toString()
      try {
        return await Promise.race([reply(pool, { ...request, body, signal }), ended(signal)])
      } catch (error) {
        if (signal.aborted) return { type: 'timeout' }
        return { type: isTooLarge(error) ? 'malformed' : 'unreachable' }
      }
    },
    close: () => {
      pool
        .close()
        .catch(ignore)
        .finally(() => closing.abort())
    },
  }
}

const formEncoded = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1)

/** RFC 6749 2.3.1: id and secret are form-encoded before they are joined. */
export function basicCredentials({ clientId, clientSecret }: IntrospectionTarget['client']): string {
  return `Basic ${Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')}`
}

const headersFor = (client: IntrospectionTarget['client']): Record<string, string> => ({
  authorization: basicCredentials(client),
  'content-type': 'application/x-www-form-urlencoded',
  accept: 'application/json',
  'accept-encoding': 'identity',
})

async function reply(pool: Pool, request: Dispatcher.RequestOptions): Promise<IntrospectionReply> {
  const { statusCode, headers, body } = await pool.request(request)
  body.on('error', ignore)
  if (statusCode === 200 && isPlainJson(headers)) return answerIn(await body.bytes())
  await body.dump({ limit: maxAnswer })
  if (statusCode === 200) return { type: 'malformed' }
  if (statusCode === 401 || statusCode === 403) return { type: 'unauthorized' }
  const amiss = statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429
  return { type: amiss ? 'rejected' : 'status' }
}

function isPlainJson({
  'content-type': type,
  'content-encoding': encoding,
}: Dispatcher.ResponseData['headers']): boolean {
  if (encoding !== undefined && encoding !== 'identity') return false
  return typeof type === 'string' && /^application\/json\s*(;|$)/i.test(type)
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function answerIn(bytes: Uint8Array): IntrospectionReply {
  try {
    const answer: unknown = JSON.parse(utf8.decode(bytes))
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return { type: 'malformed' }
    return { type: 'answer', answer: answer as Record<string, unknown>, size: bytes.length }
  } catch {
    return { type: 'malformed' }
  }
}

const isTooLarge = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE'

/** Resolving a name cannot be aborted; waiting for it can. */
const ended = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the call took too long')), { once: true })
  })

const ignore = (): void => {}
