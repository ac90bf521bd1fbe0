import { createAuthority } from '../../support/authority.ts'
import { createIssuer } from '../../support/issuer.ts'
import { ownIssuer, staffIssuer } from './objects.ts'
import type { Caller } from './attempt.ts'

const staff = await createIssuer({ issuer: staffIssuer })
const own = await createIssuer({ issuer: ownIssuer })
const forged = await createIssuer({ issuer: staffIssuer })

/** Key sets of the staff's login, of the hostile tenant's, and one that the tenant made in the name of the first. */
export const staffKeys = staff.jwks
export const ownKeys = own.jwks
export const forgedKeys = forged.jwks

const authority = await createAuthority('Other')
/** The hostile tenant's own authority of client certificates, PEM, and one of its certificates. */
export const ownAuthority = authority.certificate
export const ownCertificate = await authority.leaf({
  commonName: 'orders',
  uris: ['spiffe://cluster.local/ns/shop/sa/orders'],
  usages: ['clientAuth'],
})

/** The key of the client of shop. */
export const clientKey = 'k-5b0a2f0e6f0a4a0c8a40c6a7d3f1e9b7'

const claims = { aud: 'gateway', roles: ['operator'] }
const tokens = {
  staff: await staff.sign({ ...claims, sub: 'sam' }),
  own: await own.sign({ ...claims, sub: 'mallory' }),
  forged: await forged.sign({ ...claims, sub: 'sam' }),
}

/** Arguments of curl for what a caller presents. */
export function credentialOf(caller: Caller, certificate: readonly string[]): readonly string[] {
  if (caller === 'nobody') return []
  if (caller === 'certificate') return certificate
  if (caller === 'client') return ['--header', `X-Api-Key: ${clientKey}`]
  return ['--header', `Authorization: Bearer ${tokens[caller]}`]
}
