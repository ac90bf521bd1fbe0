import { expect } from 'vitest'
import type { RecordedRequest } from '../support/backend.ts'
import { apiKeys } from './apiKeys.ts'
import { fieldsOf } from './arrived.ts'
import { attacks, request, type Attack } from './attack.ts'
import { audience } from './shop.ts'
import type { Victim } from './victim.ts'

const token = (victim: Victim): Promise<string> =>
  victim.idp.rsa.sign({ sub: 'alice', aud: audience, tid: 'acme' }, { typ: 'at+jwt' })

const signedIn =
  (target: string, headers: readonly string[]): NonNullable<Attack['prepare']> =>
  async (victim) =>
    request(target, { headers: [`Authorization: Bearer ${await token(victim)}`, ...headers] })

const smuggled = request('/public/smuggled')

/** The original, and a copy that says nothing of who sent it; in either order. */
function pair(body: string): NonNullable<Attack['reached']> {
  const seen: string[] = []
  const look = (arrived: RecordedRequest): void => {
    const isOriginal = fieldsOf(arrived, 'x-original').length === 1
    seen.push(isOriginal ? 'original' : 'copy')
    expect(new Set(seen).size).toBe(seen.length)
    expect(arrived.body.toString('latin1')).toBe(body)
    if (isOriginal) return
    for (const name of ['authorization', 'cookie', 'x-api-key', 'x-gatehouse-subject', 'x-gatehouse-token'])
      expect(fieldsOf(arrived, name)).toEqual([])
    expect(fieldsOf(arrived, 'x-tag')).toEqual(['1'])
  }
  return [{ look }, { look }]
}

const revealing = ['X-Tag: 1', 'Cookie: session=1', 'X_Api_Key: k', 'X-Gatehouse-Token: t']

attacks('mirrors', [
  {
    name: 'a mirror does not learn who calls',
    prepare: signedIn('/mirrored', ['X-Tag: 1', 'Cookie: session=1', 'X-Gatehouse-Token: t']),
    answers: ['passed'],
    reached: pair(''),
  },
  {
    name: 'a mirror does not get a credential that the backend gets',
    prepare: signedIn('/mirrored-with-credential', ['X-Tag: 1', 'Cookie: session=1']),
    answers: ['passed'],
    reached: pair(''),
  },
  {
    name: 'a mirror does not get a key that the backend gets',
    send: request('/mirrored-with-credential', { headers: [`X-API-Key: ${apiKeys.good}`, 'X-Tag: 1'] }),
    answers: ['passed'],
    reached: pair(''),
  },
  {
    name: 'a body is copied with its length, and not taken for the next request',
    prepare: async (victim) =>
      request('/mirrored-with-credential', {
        method: 'POST',
        headers: [`Authorization: Bearer ${await token(victim)}`, 'X-Tag: 1'],
        body: smuggled,
      }),
    answers: ['passed'],
    reached: pair(smuggled),
  },
  {
    name: 'a body that was looked at is copied',
    send: request('/mirrored-after-a-look', {
      method: 'POST',
      headers: ['Content-Type: application/json', 'X-Tag: 1'],
      body: '{"sku":"ABC"}',
    }),
    answers: ['passed'],
    reached: pair('{"sku":"ABC"}'),
  },
  {
    name: 'a refused request is not copied',
    send: request('/mirrored-with-credential', { headers: revealing }),
    answers: [['unauthenticated', 'authentication']],
  },
  {
    name: 'a body that does not fit is not copied',
    send: request('/mirrored-after-a-look', {
      method: 'POST',
      headers: ['Content-Type: application/json'],
      body: '{"sku":1}',
    }),
    answers: [['validation-failed', 'validation']],
  },
  {
    name: 'a request that changes something is not done twice',
    prepare: async (victim) =>
      request('/mirrored', { method: 'DELETE', headers: [`Authorization: Bearer ${await token(victim)}`] }),
    answers: ['passed'],
    reached: [{ method: 'DELETE', headers: { 'x-original': 'yes' } }],
  },
])
