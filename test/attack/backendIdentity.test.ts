import { attacks, request, type Attack } from './attack.ts'
import { apiKeys } from './apiKeys.ts'
import { audience } from './shop.ts'
import type { Victim } from './victim.ts'

const staffToken = (victim: Victim): Promise<string> =>
  victim.idp.rsa.sign({ sub: 'alice', aud: audience, tid: 'acme' }, { typ: 'at+jwt' })

/** Sent with a good token. */
const signedIn = (name: string, target: string, headers: Attack['reached']): Attack => ({
  name,
  send: async (victim) => request(target, { headers: [`Authorization: Bearer ${await staffToken(victim)}`] }),
  answers: ['passed'],
  ...(headers && { reached: headers }),
})

attacks('backend identity', [
  signedIn('a credential stays at the gateway', '/credential-kept', [{ headers: { authorization: null } }]),
  {
    name: 'a key that is let on reaches the backend as it came in',
    send: request('/credential-forwarded?a=%41', { headers: [`X-API-Key: ${apiKeys.good}`] }),
    answers: ['passed'],
    reached: [{ target: '/credential-forwarded?a=%41', headers: { 'x-api-key': apiKeys.good } }],
  },
  {
    name: 'a credential that is let on is verified first',
    send: request('/credential-forwarded', { headers: ['Authorization: Bearer garbage'] }),
    answers: [['unauthenticated', 'authentication']],
  },
  {
    name: 'nobody hides a second credential behind one that is let on',
    send: async (victim) =>
      request('/credential-forwarded', {
        headers: [`Authorization: Bearer ${await staffToken(victim)}`, `X-API-Key: ${apiKeys.good}`],
      }),
    answers: [['ambiguous-credential', 'authentication']],
  },
])
