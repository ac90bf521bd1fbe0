import type { AdmissionTable } from './admissionTable.ts'
import type { RawRequest } from './facts.ts'
import { readRequest } from './form.ts'
import { servingNamespace } from './router.ts'

/** The namespace to which the host of a request belongs, on whatever listener; empty = nobody's. */
export function ownerOf({ listeners, selectors, tenancy }: AdmissionTable, raw: RawRequest): string {
  const own = listeners.get(raw.connection.listener)
  const facts = own === undefined ? null : readRequest(raw, own.trust)
  if (own === undefined || facts === null || typeof facts === 'string') return ''
  const { router } = selectors.get(own.name)!(facts.host)?.listener ?? own
  return servingNamespace(router, tenancy, facts.host) ?? ''
}
