import type { AccessPolicySpec } from '@gatehouse/crds'
import type { SecurityHeader } from '@gatehouse/contract'

/** What OWASP asks of every API (REST Security Cheat Sheet), as far as it fits whatever a backend answers. */
const defaults: readonly SecurityHeader[] = [
  { name: 'strict-transport-security', value: 'max-age=31536000' },
  { name: 'x-content-type-options', value: 'nosniff' },
  { name: 'x-frame-options', value: 'DENY' },
  { name: 'content-security-policy', value: "frame-ancestors 'none'" },
  { name: 'referrer-policy', value: 'no-referrer' },
]

export function securityHeadersOf(spec: AccessPolicySpec['securityHeaders']): SecurityHeader[] {
  if (spec?.mode === 'Default') return [...defaults]
  return [...(spec?.headers ?? [])]
}
