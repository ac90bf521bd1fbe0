import type { X509Certificate } from 'node:crypto'
import { pushIdentity, type ObjectName, type PushRole } from '@gatehouse/contract'
import type { Secret } from '../kube/secrets.ts'
import { timeIn } from './authoritySecret.ts'
import type { PushLeaf } from './mint.ts'
import { changedAtAnnotation } from './names.ts'
import { certificatesOf, privateKeyOf, publicKeysOf, signingKeyOf } from './pem.ts'
import { publicationOf, type AuthorityState, type CertificateSource, type LeafState, type RoleState } from './state.ts'

function signerOf(leaf: X509Certificate, issuers: AuthorityState['issuers']): string | null {
  const known = [issuers?.current, issuers?.next, issuers?.previous]
  for (const issuer of known) {
    const [certificate] = certificatesOf(issuer?.certificate ?? '') ?? []
    if (certificate && leaf.verify(certificate.publicKey)) return issuer?.id ?? null
  }
  return null
}

function leafIn({ data }: Secret, role: PushRole, installation: ObjectName): X509Certificate | null {
  const [leaf, ...others] = certificatesOf(data.get('tls.crt') ?? '') ?? []
  const key = privateKeyOf(data.get('tls.key') ?? '')
  if (!leaf || !key || others.length > 0 || !leaf.checkPrivateKey(key)) return null
  return leaf.subjectAltName === `URI:${pushIdentity(installation, role)}` ? leaf : null
}

const leafState = (leaf: X509Certificate, issuers: AuthorityState['issuers']): LeafState => ({
  issuer: signerOf(leaf, issuers),
  notBefore: leaf.validFromDate.getTime(),
  notAfter: leaf.validToDate.getTime(),
})

function signingIn({ data }: Secret, role: PushRole): readonly string[] {
  if (role === 'dataplane') return publicKeysOf(data.get('signing.pub') ?? '') ?? []
  const key = signingKeyOf(data.get('signing.key') ?? '')
  return key === null ? [] : [key]
}

/** Reads the Secret of a role. What cannot be used counts as missing, since the authority can make it anew. */
export function readRole(
  secret: Secret,
  role: PushRole,
  installation: ObjectName,
  issuers: AuthorityState['issuers'],
): RoleState {
  const leaf = leafIn(secret, role, installation)
  return {
    changedAt: timeIn(secret, changedAtAnnotation),
    trust: (certificatesOf(secret.data.get('ca.crt') ?? '') ?? []).map(({ fingerprint256 }) => fingerprint256),
    leaf: leaf && leafState(leaf, issuers),
    signing: signingIn(secret, role),
  }
}

/** The entries that the Secret of a role is given; without a leaf, the one that it has stays. */
export function roleData(
  role: PushRole,
  authority: AuthorityState,
  source: CertificateSource,
  leaf: PushLeaf | null,
): Record<string, string> {
  const { trust, signing } = publicationOf(role, authority)
  const ofAuthority = source === 'Own' && { 'ca.crt': trust.map(({ certificate }) => certificate).join('') }
  const ofLeaf = leaf && { 'tls.crt': leaf.certificate, 'tls.key': leaf.privateKey }
  const ofSigning =
    role === 'controller'
      ? { 'signing.key': authority.signing.current.privateKey }
      : { 'signing.pub': signing.join('') }
  return { ...ofAuthority, ...ofLeaf, ...ofSigning }
}
