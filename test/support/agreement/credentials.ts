import { claimsOf, keyHeader } from './explained.ts'
import { opaqueToken, type Parties } from './parties.ts'
import { soundFacts, type RequestShape } from './shapes.ts'
import { opaqueIssuer } from './world.ts'

/** Headers with what a caller shows, really signed. */
export async function headersOf({ shown, header }: RequestShape, parties: Parties): Promise<readonly string[]> {
  return [...(await credentials(shown, parties)), ...(header === null ? [] : ['x-team', header])]
}

async function credentials(shown: RequestShape['shown'], parties: Parties): Promise<readonly string[]> {
  const { issuer, stranger } = parties
  switch (shown.type) {
    case 'nothing':
      return []
    case 'key':
      return keyHeader(shown.client)
    case 'token':
      return bearer(await (shown.sound ? issuer : stranger).sign(claimsOf(shown.facts, issuer.issuer)))
    case 'opaque':
      return bearer(opaqueToken({ active: true, ...claimsOf(shown.facts, opaqueIssuer, shown.sound) }))
    case 'both':
      return [...bearer(await issuer.sign(claimsOf(soundFacts, issuer.issuer))), ...keyHeader('acme-client')]
  }
}

const bearer = (token: string): readonly string[] => ['authorization', `Bearer ${token}`]
