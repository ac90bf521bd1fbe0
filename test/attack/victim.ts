import { seal, type Revocation, type SealedResource } from '@gatehouse/contract'
import { createAuthority, type Authority, type Leaf } from '../support/authority.ts'
import { startBackend, type Backend } from '../support/backend.ts'
import { createIssuer, type Issuer } from '../support/issuer.ts'
import type { LogLine } from '../support/logs.ts'
import { sendRaw } from '../support/raw.ts'
import { startServedDataplane, type ServedDataplane } from '../support/servedDataplane.ts'
import { attackedEntry } from './attackedEntry.ts'
import { issuer as issuerName, refusedRoute, shopResources } from './shop.ts'

/** Names of the listeners of {@link shopResources}. */
export type ListenerName = 'http' | 'front' | 'strict' | 'https' | 'required'

/** Of the shop, what no data plane can make ready. */
const unsound = ['policy/shop/form-unusable', `route/shop/${refusedRoute}`]

/** A data plane in a process of its own, with everything that an attacker may get hold of, and more. */
export interface Victim {
  readonly backend: Backend
  /** Signs RS256 and ES256 for the shop's provider. */
  readonly idp: { readonly rsa: Issuer; readonly ec: Issuer }
  /** Signs with a key that the shop has never heard of, under the name of the one that it knows. */
  readonly impostor: Issuer
  /** Client CAs: the one that the workloads' policy names, and another that the listener accepts too. */
  readonly clientCa: { readonly workloads: Authority; readonly others: Authority }
  /** What signs the server's certificates. */
  readonly serverCa: Authority
  listener(name: ListenerName): Promise<{ readonly address: string; readonly port: number }>
  /** The decision line of a request. */
  decision(requestId: string): Promise<LogLine>
  /** Sends one request to listener `http`. @returns the status */
  ask(bytes: string): Promise<number>
  /** Publishes the shop without one of its public keys, and waits until that serves. */
  removeKey(kid: string): Promise<void>
  /** Publishes the shop with these revocations, and waits until they are in force. */
  revoke(...revoked: Revocation[]): Promise<void>
  /** Text of `/metrics`. */
  metrics(): Promise<string>
  /** Every line that the process wrote, as text. */
  logs(): string
  close(): Promise<void>
}

const leafFor = async (authority: Authority, name: string): Promise<{ chain: string; privateKey: string }> => {
  const { certificate, privateKey }: Leaf = await authority.leaf({ dnsNames: [name], addresses: ['127.0.0.1'] })
  return { chain: certificate, privateKey }
}

/** Starts the shop; it listens on free ports of 127.0.0.1 and knows one recording backend. */
export async function startVictim(): Promise<Victim> {
  const [backend, rsa, ec, impostor] = await Promise.all([
    startBackend(),
    createIssuer({ issuer: issuerName, kid: 'rsa-1' }),
    createIssuer({ issuer: issuerName, kid: 'ec-1', algorithm: 'ES256' }),
    createIssuer({ issuer: issuerName, kid: 'rsa-1' }),
  ])
  const [serverCa, workloads, others] = await Promise.all([
    createAuthority('Shop server root'),
    createAuthority('Workload root'),
    createAuthority('Other client root'),
  ])
  const [shopTls, docsTls] = await Promise.all([
    leafFor(serverCa, 'api.shop.example'),
    leafFor(serverCa, 'docs.shop.example'),
  ])
  const made = {
    now: Date.now(),
    shopTls,
    docsTls,
    clientAnchors: [workloads.certificate, others.certificate],
    workloadAnchor: workloads.certificate,
  }
  // Without `alg`, so that only the policy says which algorithms the key may be used with.
  const { alg: _, ...rsaKey } = rsa.jwk
  const resources = (
    keys: readonly { readonly [member: string]: string }[],
    revoked: readonly Revocation[] = [],
  ): SealedResource[] =>
    shopResources(backend, { ...made, revoked, publicKeys: { type: 'Inline', keys: [...keys] } }).map((one) =>
      seal(one),
    )
  const served: ServedDataplane = await startServedDataplane(resources([rsaKey, ec.jwk]), attackedEntry, unsound)
  const { lines } = served.process
  return {
    backend,
    idp: { rsa, ec },
    impostor,
    clientCa: { workloads, others },
    serverCa,
    listener: (name) => served.process.listener(name),
    decision: (requestId) => lines.first((line) => line['requestId'] === requestId),
    ask: async (bytes) => {
      const { responses } = await sendRaw(await served.process.listener('http'), bytes, { responses: 1 })
      return responses[0]?.status ?? 0
    },
    removeKey: async (kid) => {
      await served.controller.publish(resources([rsaKey, ec.jwk].filter((jwk) => jwk['kid'] !== kid)))
    },
    revoke: async (...revoked) => {
      await served.controller.publish(resources([rsaKey, ec.jwk], revoked))
    },
    metrics: async () => await (await fetch(`${await served.process.admin()}/metrics`)).text(),
    logs: () => lines.all.map((line) => JSON.stringify(line)).join('\n'),
    close: async () => {
      await served.close()
      await backend.close()
    },
  }
}
