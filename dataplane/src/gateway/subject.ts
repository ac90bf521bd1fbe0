import { clientNetwork } from '../address.ts'
import type { Principal } from '../policy/principal.ts'
import type { QuotaSubject } from '../policy/quotaKeys.ts'
import type { Case } from './refusing.ts'

/** What of a request can be a part of a key. */
export const subjectOf = ({ facts, judgement }: Case, principal: Principal | null): QuotaSubject => ({
  method: facts.method,
  network: facts.clientAddress === null ? null : clientNetwork(facts.clientAddress),
  route: judgement.route ?? '',
  headers: facts.headers,
  principal,
})
