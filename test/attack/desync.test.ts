import { seal, type Resource } from '@gatehouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBackend, type Backend } from '../support/backend.ts'
import { sendRaw } from '../support/raw.ts'
import {
  installationResource,
  listenerResource,
  policyResource,
  routeResource,
  ruleTo,
  upstreamResources,
} from '../support/resources.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'
import { desyncRequests, type DesyncRequest } from './desyncRequests.ts'
import { startTolerantBackend, type TolerantBackend } from './tolerantBackend.ts'

const readers = ['strict', 'chunks', 'length'] as const
type Reader = (typeof readers)[number]

/** A request and another behind it, to backends that read them in different ways: nobody may see a third. */
describe('attack: desync', () => {
  let strict: Backend
  let tolerant: Readonly<Record<'chunks' | 'length', TolerantBackend>>
  let served: ServedDataplane
  beforeAll(async () => {
    strict = await startBackend()
    tolerant = { chunks: await startTolerantBackend('chunks'), length: await startTolerantBackend('length') }
    const backends = { strict, ...tolerant }
    const rules = readers.map((name) =>
      ruleTo(name, {
        name,
        matches: [{ path: { type: 'PathPrefix', value: `/${name}` }, methods: null, headers: [], queryParams: [] }],
      }),
    )
    const resources: Resource[] = [
      installationResource(),
      listenerResource(),
      policyResource(),
      ...readers.flatMap((name) => upstreamResources(name, [backends[name]])),
      routeResource(rules),
    ]
    served = await startServedDataplane(resources.map(seal), attackedEntry)
  })
  afterAll(async () => {
    await served.close()
    await Promise.all([strict.close(), tolerant.chunks.close(), tolerant.length.close()])
  })

  /** First lines of what the reader has taken for requests. */
  const taken = (reader: Reader): readonly string[] =>
    reader === 'strict'
      ? strict.requests.filter(({ complete }) => complete).map(({ method, target }) => `${method} ${target} HTTP/1.1`)
      : tolerant[reader].requests

  const bytesFor = (reader: Reader, { lines, body, method = 'POST' }: DesyncRequest): string => {
    const first = [`${method} /${reader}/first HTTP/1.1`, 'Host: api.shop.example', ...lines]
    return `${first.join('\r\n')}\r\n\r\n${body}GET /${reader}/second HTTP/1.1\r\nHost: api.shop.example\r\n\r\n`
  }

  async function statuses(bytes: string, count: number): Promise<[readonly number[], boolean]> {
    const target = await served.process.listener('http')
    const { responses, closed } = await sendRaw(target, bytes, count === 2 ? { responses: 2 } : {})
    const id = responses.at(-1)?.headers.get('x-request-id')?.[0]
    const line = await served.process.lines.first((one) => one['requestId'] === id)
    expect(line).toMatchObject({ status: responses.at(-1)?.status, code: count === 2 ? null : 'bad-request' })
    return [responses.map(({ status }) => status), closed]
  }

  describe.each(readers)('a backend that believes: %s', (reader) => {
    it.each(desyncRequests)('$name', async (one) => {
      const before = taken(reader).length
      const got = await statuses(bytesFor(reader, one), one.fate === 'passed' ? 2 : 1)
      expect(got).toEqual(one.fate === 'passed' ? [[200, 200], false] : [[400], true])
      // What was on its way to the backend before this is there when it is.
      const [last] = await statuses(`GET /${reader}/last HTTP/1.1\r\nHost: api.shop.example\r\n\r\n`.repeat(2), 2)
      expect(last).toEqual([200, 200])
      const path = (name: string, method = 'GET'): string => `${method} /${reader}/${name} HTTP/1.1`
      const both = one.fate === 'passed' ? [path('first', one.method ?? 'POST'), path('second')] : []
      expect(taken(reader).slice(before)).toEqual([...both, path('last'), path('last')])
    })
  })
})
