import type { Issuer } from '../issuer.ts'
import { claimsOf, keyHeader } from './explained.ts'
import type { Shown } from './sets.ts'

/** Headers with what a caller shows, really signed. A token that is not sound is signed by somebody else. */
export async function headersOf(shown: Shown, issuer: Issuer, stranger: Issuer): Promise<readonly string[]> {
  switch (shown.type) {
    case 'nothing':
      return []
    case 'key':
      return keyHeader(shown.client)
    case 'token':
      return bearer(await (shown.sound ? issuer : stranger).sign(claimsOf(shown, issuer.issuer)))
    case 'both': {
      const facts = { type: 'token', roles: ['reader'], tenant: 'acme', scopes: [], team: null, sound: true } as const
      return [...bearer(await issuer.sign(claimsOf(facts, issuer.issuer))), ...keyHeader('acme-client')]
    }
  }
}

const bearer = (token: string): readonly string[] => ['authorization', `Bearer ${token}`]
