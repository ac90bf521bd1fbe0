import type { Json } from '@gatehouse/contract'
import { request, type Dispatcher } from 'undici'
import { integerOf, isMembers, jsonOf, listOf, member, textOf } from '../compile/raw.ts'
import type { Access } from './access.ts'
import { linesOf } from './frames.ts'
import { KubeError, MalformedAnswerError } from './kubeError.ts'

/** An object as the API server writes it. */
export type KubeObject = { readonly [key: string]: Json }

/** One page of a list. */
export interface ListPage {
  readonly items: readonly KubeObject[]
  /** Of the whole list. */
  readonly resourceVersion: string
  /** Where the next page begins; empty on the last one. */
  readonly next: string
}

/** One frame of a watch. In-stream errors are thrown instead. */
export interface WatchFrame {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: KubeObject
}

export type Query = Readonly<Record<string, string>>

/** What became of a write: done, refused because the object has changed, or the object is gone. */
export type Written = { readonly object: KubeObject } | 'conflict' | 'gone'

interface Call {
  readonly method: Dispatcher.HttpMethod
  readonly query?: Query
  readonly body?: Json
  readonly contentType?: string
  readonly signal?: AbortSignal
  /** Milliseconds without a byte; default {@link answerTimeout}. */
  readonly idle?: number
}

/** Milliseconds that an answer may take; a watch only until it begins. */
const answerTimeout = 30_000
const maxFrameBytes = 16 * 1024 * 1024
const maxAnswerBytes = 256 * 1024 * 1024
const maxErrorBytes = 64 * 1024

type Answer = Dispatcher.ResponseData

async function textOfBody(body: Answer['body'], maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > maxBytes) throw new MalformedAnswerError(`an answer is longer than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function errorOf({ statusCode, body }: Answer): Promise<KubeError> {
  const text = await textOfBody(body, maxErrorBytes).catch(() => '')
  return new KubeError(statusCode, textOf(member(jsonOf(text), 'reason')) ?? '')
}

async function objectOf({ body }: Answer): Promise<KubeObject> {
  const value = jsonOf(await textOfBody(body, maxAnswerBytes))
  if (!isMembers(value)) throw new MalformedAnswerError('an answer is no JSON object')
  return value
}

const frameTypes: ReadonlySet<string> = new Set(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'])
const isFrameType = (type: string | undefined): type is WatchFrame['type'] => type !== undefined && frameTypes.has(type)

/** @throws KubeError for an ERROR frame; MalformedAnswerError */
function frameOf(line: string): WatchFrame {
  const frame = jsonOf(line)
  const [type, object] = [textOf(member(frame, 'type')), member(frame, 'object')]
  if (type === 'ERROR') {
    throw new KubeError(integerOf(member(object, 'code')) ?? 500, textOf(member(object, 'reason')) ?? '')
  }
  if (!isFrameType(type) || !isMembers(object)) throw new MalformedAnswerError('a line of a watch is no watch event')
  return { type, object }
}

const isSilence = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'UND_ERR_BODY_TIMEOUT'

/** Frames until the server ends the stream or falls silent; both are no errors, the watch is simply begun again. */
async function* framesOf(body: Answer['body']): AsyncGenerator<WatchFrame> {
  try {
    for await (const line of linesOf(body as AsyncIterable<Uint8Array>, maxFrameBytes)) yield frameOf(line)
  } catch (error) {
    if (!isSilence(error)) throw error
  }
}

/**
 * Plain JSON requests to the API server. Every method rejects with a KubeError when the answer is another than the one
 * wanted, and with the error of the connection when there is none.
 */
export class KubeClient {
  readonly #access: Access
  readonly #silence: number
  readonly #userAgent: string

  /**
   * @param silence - milliseconds that a watch may be silent; the API server sends a bookmark about once a minute
   * @param userAgent - what the audit log of the API server calls this program
   */
  constructor(access: Access, silence = 90_000, userAgent = 'gatehouse-controller') {
    this.#access = access
    this.#silence = silence
    this.#userAgent = userAgent
  }

  /** Null when there is no such object or kind. */
  async get(path: string, signal?: AbortSignal): Promise<KubeObject | null> {
    const answer = await this.#call(path, { method: 'GET', ...(signal ? { signal } : {}) })
    if (answer.statusCode === 200) return await objectOf(answer)
    const error = await errorOf(answer)
    if (error.status === 404) return null
    throw error
  }

  /** One page of a list; `query` says which. */
  async list(path: string, query: Query, signal: AbortSignal): Promise<ListPage> {
    const answer = await this.#call(path, { method: 'GET', query, signal })
    if (answer.statusCode !== 200) throw await errorOf(answer)
    const list = await objectOf(answer)
    const metadata = list['metadata']
    const resourceVersion = textOf(member(metadata, 'resourceVersion'))
    if (!resourceVersion) throw new MalformedAnswerError('a list has no resourceVersion')
    const items = listOf(list['items']).filter(isMembers)
    return { items, resourceVersion, next: textOf(member(metadata, 'continue')) ?? '' }
  }

  /** Begins a watch. The stream ends when the server ends it or falls silent, and throws what else befalls it. */
  async watch(path: string, query: Query, signal: AbortSignal): Promise<AsyncGenerator<WatchFrame>> {
    const call: Call = { method: 'GET', query: { ...query, watch: '1' }, signal, idle: this.#silence }
    const answer = await this.#call(path, call)
    if (answer.statusCode !== 200) throw await errorOf(answer)
    return framesOf(answer.body)
  }

  /** Server-side apply: the fields of `object` become the manager's, and those it left out cease to be. */
  async apply(path: string, object: Json, fieldManager: string): Promise<Written> {
    const query = { fieldManager, force: 'true' }
    return await this.#write(path, {
      method: 'PATCH',
      query,
      body: object,
      contentType: 'application/apply-patch+yaml',
    })
  }

  /** Replaces an object or a subresource; a `resourceVersion` in it must be the present one. */
  async put(path: string, object: Json, fieldManager: string, signal?: AbortSignal): Promise<Written> {
    return await this.#write(path, {
      method: 'PUT',
      query: { fieldManager },
      body: object,
      ...(signal ? { signal } : {}),
    })
  }

  /** Creates an object in the collection at `path`. */
  async create(path: string, object: Json, signal?: AbortSignal): Promise<Written> {
    return await this.#write(path, { method: 'POST', body: object, ...(signal ? { signal } : {}) })
  }

  async close(): Promise<void> {
    await this.#access.close()
  }

  async #write(path: string, call: Call): Promise<Written> {
    const answer = await this.#call(path, call)
    if (answer.statusCode === 200 || answer.statusCode === 201) return { object: await objectOf(answer) }
    const error = await errorOf(answer)
    if (error.status === 409) return 'conflict'
    if (error.status === 404) return 'gone'
    throw error
  }

  async #call(path: string, { method, query, body, contentType, signal, idle }: Call): Promise<Answer> {
    const { dispatcher, headers } = await this.#access.prepare()
    const parameters = query ? `?${new URLSearchParams(query).toString()}` : ''
    return await request(`${this.#access.url}${path}${parameters}`, {
      dispatcher,
      method,
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': this.#userAgent,
        ...(body === undefined ? {} : { 'content-type': contentType ?? 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      headersTimeout: answerTimeout,
      bodyTimeout: idle ?? answerTimeout,
    })
  }
}
