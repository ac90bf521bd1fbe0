import { generateKeyPairSync, sign } from 'node:crypto'
import type { Resource } from '@gatehouse/contract'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createGatewayState } from '../state/gatewayState.ts'
import { createKeySets } from '../state/keySets.ts'
import { defaultRefreshTimes } from '../state/remoteKeys.ts'
import type { BuiltGateway } from './build.ts'
import { bearer, decide, jwt } from './callerFixture.ts'
import { authorizationRule, build, openSnapshot, policy, request, testClock } from './snapshotFixture.ts'

const clock = testClock()
const { interval, coolDown, maxStale } = defaultRefreshTimes

/** A key of an identity provider, and tokens that it signs. */
function signer(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  return {
    jwk: { ...publicKey.export({ format: 'jwk' }), kid } as Record<string, string>,
    token: (jti = 'one') => {
      const claims = { iss: 'https://idp', aud: 'orders', sub: 'ada', exp: clock.now() / 1000 + 90_000, jti }
      const input = `${encode({ alg: 'ES256', kid })}.${encode(claims)}`
      const options = { key: privateKey, dsaEncoding: 'ieee-p1363' as const }
      return `${input}.${sign('sha256', Buffer.from(input), options).toString('base64url')}`
    },
  }
}

const before = signer('before')
const after = signer('after')
const stranger = signer('stranger')

const remote: Resource = {
  kind: 'keySet',
  name: 'shop/staff/jwt',
  spec: { type: 'Remote', uri: 'https://idp/jwks', addresses: 'Public', trust: null },
}
const inline = (...keys: Record<string, string>[]): Resource =>
  ({ ...remote, spec: { type: 'Inline', keys } }) as Resource

const ask = (built: BuiltGateway, token: string): Promise<string> => decide(built, request('/', bearer(token)))
const refused = 'authentication unauthenticated'

async function pass(milliseconds: number): Promise<void> {
  clock.advance(milliseconds)
  await vi.advanceTimersByTimeAsync(milliseconds)
}

/** A gateway and the identity provider that it fetches from. */
function installed() {
  let answer: () => Promise<string> = () => Promise.reject(new Error('down'))
  let fetches = 0
  const fetch = (): Promise<string> => {
    fetches++
    return answer()
  }
  const keySets = createKeySets({ clock, random: () => 0, fetch })
  const state = { ...createGatewayState({ clock, random: () => 0 }), keySets }
  const rules = [authorizationRule('Allow', { principal: [{ attribute: 'Authenticated' }] })]
  const gateway = (keySet: Resource, previous?: BuiltGateway): BuiltGateway => {
    const built = build([...openSnapshot(), policy({ providers: [jwt], rules }), keySet], {
      ...{ state, clock },
      ...(previous === undefined ? {} : { previous }),
    })
    previous?.release()
    return built
  }
  return {
    gateway,
    fetches: () => fetches,
    serve: (...keys: object[]) => (answer = () => Promise.resolve(JSON.stringify({ keys }))),
    serveText: (text: string) => (answer = () => Promise.resolve(text)),
    fail: () => (answer = () => Promise.reject(new Error('down'))),
    hang: () => (answer = () => new Promise(() => {})),
    close: () => state.close(),
  }
}

describe('keys that are fetched', () => {
  let idp: ReturnType<typeof installed>
  beforeEach(() => {
    vi.useFakeTimers()
    idp = installed()
  })
  afterEach(() => {
    idp.close()
    vi.useRealTimers()
  })

  it('rotate with an overlap in which both verify, and one that is gone ends what it verified', async () => {
    idp.serve(before.jwk)
    const built = idp.gateway(remote)
    expect(await ask(built, before.token())).toBe('permit')
    idp.serve(before.jwk, after.jwk)
    await pass(coolDown)
    expect(await ask(built, after.token())).toBe('permit')
    expect(await ask(built, before.token())).toBe('permit')
    const held = before.token()
    idp.serve(after.jwk)
    await pass(interval)
    expect(await ask(built, held)).toBe(refused)
    expect(await ask(built, after.token())).toBe('permit')
  })

  it('are asked for once in a while, however many unknown ones come', async () => {
    idp.serve(before.jwk)
    const built = idp.gateway(remote)
    expect(await ask(built, before.token())).toBe('permit')
    for (let at = 0; at < 200; at++) expect(await ask(built, stranger.token(`${at}`))).toBe(refused)
    expect(idp.fetches()).toBe(1)
    await pass(coolDown)
    for (let at = 0; at < 200; at++) expect(await ask(built, stranger.token(`${at}`))).toBe(refused)
    expect(idp.fetches()).toBe(2)
  })

  it('go on as they are while nobody answers, and end after a day', async () => {
    idp.serve(before.jwk)
    const built = idp.gateway(remote)
    expect(await ask(built, before.token())).toBe('permit')
    idp.fail()
    await pass(maxStale)
    expect(await ask(built, before.token())).toBe('permit')
    expect(await ask(built, after.token())).toBe('authentication key-set-unavailable')
    await pass(1)
    expect(await ask(built, before.token())).toBe('authentication key-set-unavailable')
    idp.serve(after.jwk)
    await pass(defaultRefreshTimes.maxBackoff)
    expect(await ask(built, before.token())).toBe(refused)
    expect(await ask(built, after.token())).toBe('permit')
  })

  it.each<[string, (provider: ReturnType<typeof installed>) => void]>([
    ['HTML', (provider) => provider.serveText('<html>Sign in</html>')],
    ['an error as JSON', (provider) => provider.serveText('{"error":"none"}')],
    ['a private key beside the right one', (provider) => provider.serve(before.jwk, { ...after.jwk, d: 'AA' })],
    ['a shared secret', (provider) => provider.serve(before.jwk, { kty: 'oct', k: 'AAAA' })],
    ['more keys than a set has', (provider) => provider.serve(...Array.from({ length: 65 }, () => before.jwk))],
    ['silence', (provider) => provider.hang()],
  ])('are none in %s: nobody is let in, and nobody loses what is good', async (_name, answer) => {
    idp.serve(before.jwk)
    const built = idp.gateway(remote)
    expect(await ask(built, before.token())).toBe('permit')
    answer(idp)
    await pass(interval)
    expect(await ask(built, before.token())).toBe('permit')
    const other = installed()
    answer(other)
    const asked = ask(other.gateway(remote), before.token())
    if (_name !== 'silence') expect(await asked).toBe('authentication key-set-unavailable')
    other.close()
  })

  it('stay the same set when a snapshot changes other things', async () => {
    idp.serve(before.jwk)
    const built = idp.gateway(remote)
    expect(await ask(built, before.token())).toBe('permit')
    const next = idp.gateway(remote, built)
    expect(await ask(next, before.token())).toBe('permit')
    expect(idp.fetches()).toBe(1)
  })

  it('written in the policy or a ConfigMap fall in the moment in which their snapshot serves', async () => {
    const built = idp.gateway(inline(before.jwk, after.jwk))
    const held = before.token()
    expect(await ask(built, held)).toBe('permit')
    const next = idp.gateway(inline(after.jwk), built)
    expect(await ask(next, held)).toBe(refused)
    expect(await ask(next, after.token())).toBe('permit')
    expect(await ask(idp.gateway(inline(before.jwk), next), held)).toBe('permit')
  })
})
