import type { AdmissionTable } from './admissionTable.ts'
import { noTrust } from './clientAddress.ts'
import { plainListener, secureListener } from './connectionFit.ts'
import type { ConnectionFacts, RequestFacts } from './facts.ts'
import type { TrustByHost } from './form.ts'
import type { Case } from './refusing.ts'

/** Who is believed about the client's address on a connection. */
export const trustOn = (
  { listeners, plain }: AdmissionTable,
  { scheme, listener, socket }: ConnectionFacts,
): TrustByHost => (scheme === 'https' ? listeners.get(listener)?.trust : plain.get(socket)?.trust) ?? noTrust

export const listenerFor = ({ listeners, selectors, plain }: AdmissionTable, facts: RequestFacts) => {
  const { scheme, socket, listener } = facts.connection
  return scheme === 'https'
    ? secureListener(listeners.get(listener), selectors.get(listener), facts)
    : plainListener(plain.get(socket), facts)
}

/** A request whose listener only its host has told. */
export const onListener = (request: Case, listener: string): Case => ({
  ...request,
  facts: { ...request.facts, connection: { ...request.facts.connection, listener } },
})
