import { once } from 'node:events'
import type { Json } from '@gatehouse/contract'
import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { textOf, member } from '../compile/raw.ts'
import { KubeClient, type KubeObject } from './client.ts'
import { Reflector, type Mirror } from './reflector.ts'
import { answer, FakeApiServer, type Asked } from './reflectorFixture.ts'

const times = { firstWait: 20, longestWait: 40, probe: 2, relist: 1000, refusal: 500 }

/** Milliseconds that a watch may be silent; undici looks at its clock about twice a second. */
const silence = 300

const object = (name: string, resourceVersion: string): KubeObject => ({ metadata: { name, resourceVersion } })
const frame = (type: string, about: KubeObject): string => `${JSON.stringify({ type, object: about })}\n`
const nameOf = (about: KubeObject): string => textOf(member(about['metadata'], 'name')) ?? ''

const list = (resourceVersion: string, names: readonly string[], next = ''): Json => ({
  metadata: { resourceVersion, continue: next },
  items: names.map((name) => object(name, resourceVersion)),
})

let server: FakeApiServer
let agent: Agent
let reflector: Reflector
let now: number
const told: string[] = []
const failures: unknown[] = []

beforeEach(async () => {
  server = new FakeApiServer()
  const url = await server.listen()
  agent = new Agent()
  now = 0
  told.length = 0
  failures.length = 0
  const tell = (what: string): unknown => told.push(what)
  const mirror: Mirror = {
    replace: (objects) => tell(`= ${objects.map(nameOf).join(' ')}`.trimEnd()),
    put: (about) => tell(`+ ${nameOf(about)}`),
    remove: (about) => tell(`- ${nameOf(about)}`),
    refuse: () => tell('!'),
  }
  const access = { url, prepare: async () => ({ dispatcher: agent, headers: {} }), close: () => agent.destroy() }
  reflector = new Reflector({
    client: new KubeClient(access, silence),
    path: '/api/v1/secrets',
    selector: { fieldSelector: 'type=kubernetes.io/tls' },
    mirror,
    refusable: true,
    failed: (error) => failures.push(error),
    clock: { now: () => now, monotonic: () => now },
    random: () => 0,
    times,
  })
  reflector.start()
})

afterEach(async () => {
  await reflector.close()
  await agent.destroy()
  await server.close()
})

/** Answers the first list with one object, and returns the watch that follows. */
async function watching(): Promise<Asked> {
  answer(await server.next(), 200, list('5', ['a']))
  const watch = await server.next()
  watch.response.writeHead(200).flushHeaders()
  return watch
}

/** Answers the next request with 403, at this time. */
async function forbid(at: number): Promise<void> {
  const asked = await server.next()
  now = at
  answer(asked, 403, { code: 403, reason: 'Forbidden' })
}

const hears = (what: string): Promise<void> => vi.waitFor(() => expect(told).toContain(what))

describe('Reflector', () => {
  it('lists in pages, then watches from where the list ended', async () => {
    const first = await server.next()
    expect(first).toMatchObject({
      path: '/api/v1/secrets',
      query: { fieldSelector: 'type=kubernetes.io/tls', limit: '200' },
    })
    answer(first, 200, list('5', ['a'], 'more'))
    const second = await server.next()
    expect(second.query).toMatchObject({ fieldSelector: 'type=kubernetes.io/tls', continue: 'more' })
    expect(told).toEqual([])
    answer(second, 200, list('5', ['b']))
    const watch = await server.next()
    expect(told).toEqual(['= a b'])
    expect(watch.query).toEqual({
      fieldSelector: 'type=kubernetes.io/tls',
      watch: '1',
      allowWatchBookmarks: 'true',
      timeoutSeconds: '240',
      resourceVersion: '5',
    })
  })

  it('begins the list again when its next page has expired', async () => {
    answer(await server.next(), 200, list('5', ['a'], 'more'))
    answer(await server.next(), 410, { code: 410, reason: 'Expired' })
    const again = await server.next()
    expect(again.query).not.toHaveProperty('continue')
    answer(again, 200, list('6', ['b']))
    await hears('= b')
    expect(failures).toEqual([])
  })

  it('tells what happens, however the stream is cut into pieces', async () => {
    const { response } = await watching()
    const bytes = Buffer.from(frame('ADDED', object('é\u2028', '6')) + frame('DELETED', object('a', '7')))
    for (const byte of bytes) response.write(Uint8Array.of(byte))
    await hears('- a')
    expect(told).toEqual(['= a', '+ é\u2028', '- a'])
  })

  it('goes on where a reset connection ended, and counts bookmarks', async () => {
    const { response } = await watching()
    response.write(frame('MODIFIED', object('a', '6')) + frame('BOOKMARK', object('', '9')))
    await hears('+ a')
    response.destroy()
    const again = await server.next()
    expect(again.query).toMatchObject({ watch: '1', resourceVersion: '9' })
    expect(failures).toHaveLength(1)
    expect(told).toEqual(['= a', '+ a'])
  })

  it('goes on where a server ended the stream, and drops half a frame', async () => {
    const { response } = await watching()
    response.end(frame('ADDED', object('b', '6')) + frame('ADDED', object('c', '7')).slice(0, -2))
    const again = await server.next()
    expect(again.query).toMatchObject({ watch: '1', resourceVersion: '6' })
    expect(told).toEqual(['= a', '+ b'])
    expect(failures).toEqual([])
  })

  it.each<[string, (watch: Asked) => void]>([
    ['the stream says that the place is forgotten', ({ response }) => response.write(error(410, 'Expired'))],
    ['a line is no JSON', ({ response }) => response.write('{"type":\n')],
    ['a frame is of no known type', ({ response }) => response.write(frame('RENAMED', object('b', '6')))],
    ['an object has no version', ({ response }) => response.write(frame('ADDED', { metadata: { name: 'b' } }))],
    ['the version lies in the future', ({ response }) => response.write(error(504, 'Timeout'))],
  ])('lists again when %s', async (_, act) => {
    act(await watching())
    const again = await server.next()
    expect(again.query).not.toHaveProperty('watch')
    answer(again, 200, list('8', ['z']))
    await hears('= z')
    expect(told).toEqual(['= a', '= z'])
  })

  it('lists again when a watch is answered with 410', async () => {
    answer(await server.next(), 200, list('5', ['a']))
    answer(await server.next(), 410, { code: 410, reason: 'Expired' })
    expect((await server.next()).query).not.toHaveProperty('watch')
    expect(failures).toEqual([])
  })

  it.each([429, 500, 503])(
    'tries a list again after %i, and says so without the words of the answer',
    async (status) => {
      answer(await server.next(), status, { code: status, reason: 'Whatever', message: 'secret' })
      answer(await server.next(), 200, list('5', ['a']))
      await hears('= a')
      expect(failures).toMatchObject([{ code: `HTTP_${status}`, status }])
      expect(String(failures[0])).not.toContain('secret')
    },
  )

  it('goes on where it was after an error in the stream', async () => {
    const { response } = await watching()
    response.write(frame('ADDED', object('b', '6')) + error(500, 'InternalError'))
    expect((await server.next()).query).toMatchObject({ watch: '1', resourceVersion: '6' })
    expect(failures).toMatchObject([{ code: 'HTTP_500' }])
  })

  it('takes an unknown kind for an empty one, and looks for it again', async () => {
    answer(await server.next(), 404, { code: 404, reason: 'NotFound' })
    await hears('=')
    answer(await server.next(), 200, list('5', ['a']))
    await hears('= a')
    expect(failures).toEqual([])
  })

  it('notices that a kind is gone', async () => {
    const { response } = await watching()
    response.end()
    answer(await server.next(), 404, { code: 404, reason: 'NotFound' })
    answer(await server.next(), 404, { code: 404, reason: 'NotFound' })
    await hears('=')
  })

  it('leaves a connection that fell silent, and goes on where it was', async () => {
    const { response } = await watching()
    const gone = once(response, 'close')
    response.write(frame('BOOKMARK', object('', '9')))
    expect((await server.next()).query).toMatchObject({ watch: '1', resourceVersion: '9' })
    await gone
    expect(failures).toEqual([])
  })

  it('waits before it asks a server again that ends watches at once', async () => {
    const { response } = await watching()
    const ended = performance.now()
    response.end()
    ;(await server.next()).response.end()
    await server.next()
    // Half of the first bound and half of the second.
    expect(performance.now() - ended).toBeGreaterThan(0.9 * (times.firstWait / 2 + times.longestWait / 2))
  })

  it('lists again from time to time', async () => {
    const { response } = await watching()
    now = 1000
    response.end()
    expect((await server.next()).query).not.toHaveProperty('watch')
  })

  it('takes a collection for refused that has been forbidden for long enough, and goes on asking', async () => {
    for (const at of [0, 499]) await forbid(at)
    // Another answer between begins the time anew.
    answer(await server.next(), 500, { code: 500, reason: 'InternalError' })
    for (const at of [998, 1_497, 1_498]) await forbid(at)
    await hears('!')
    expect(told).toEqual(['!'])
    expect(failures).toHaveLength(5)
    answer(await server.next(), 200, list('5', ['a']))
    await hears('= a')
  })

  it('lists again when it was a watch that became forbidden', async () => {
    ;(await watching()).response.end()
    for (const at of [0, 500]) await forbid(at)
    await hears('!')
    expect((await server.next()).query).not.toHaveProperty('watch')
  })

  it('lists again at once when it is told to, and says when that is done', async () => {
    const { response } = await watching()
    const gone = once(response, 'close')
    let done = false
    const relisted = reflector.relist().then(() => (done = true))
    await gone
    const again = await server.next()
    expect([again.query['watch'], done]).toEqual([undefined, false])
    answer(again, 200, list('6', ['b']))
    await relisted
    expect(told).toEqual(['= a', '= b'])
    expect(failures).toEqual([])
  })

  it('does not count a list that had begun before it was told to', async () => {
    const first = await server.next()
    const gone = once(first.response, 'close')
    const relisted = reflector.relist()
    answer(first, 200, list('5', ['a']))
    await gone
    answer(await server.next(), 200, list('6', ['b']))
    await relisted
    expect(told).toEqual(['= b'])
  })

  it('lists at once, though it waits after a failure, and until it succeeds', async () => {
    answer(await server.next(), 500, { code: 500, reason: 'InternalError' })
    await vi.waitFor(() => expect(failures).toHaveLength(1))
    const relisted = reflector.relist()
    answer(await server.next(), 500, { code: 500, reason: 'InternalError' })
    answer(await server.next(), 200, list('6', ['b']))
    await relisted
    expect(told).toEqual(['= b'])
  })

  it('keeps nobody waiting for a list once it was closed', async () => {
    const relisted = reflector.relist()
    await reflector.close()
    await expect(relisted).resolves.toBeUndefined()
  })

  it('tells nothing after it was closed, and gives its connection up', async () => {
    const { response } = await watching()
    const gone = once(response, 'close')
    await reflector.close()
    await gone
    expect(told).toEqual(['= a'])
    expect(failures).toEqual([])
  })

  it('can be closed during a list', async () => {
    const asked = await server.next()
    const gone = once(asked.response, 'close')
    await reflector.close()
    await gone
    expect(told).toEqual([])
  })
})

function error(code: number, reason: string): string {
  return frame('ERROR', { kind: 'Status', code, reason, message: 'words' })
}
