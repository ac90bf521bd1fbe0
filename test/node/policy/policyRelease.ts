import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterNode } from '../../cluster/clusterNode.ts'
import { createAuthority, type Authority } from '../../support/authority.ts'
import { installKinds, listenerWith } from '../gatehouseRelease.ts'
import { installTarget } from '../withRelease.ts'
import { clientAuthorities, trusting } from './clientAuthority.ts'
import { invoices } from './grant.ts'
import { downPort, identityProviderPort } from './identityProvider.ts'
import { testAddress } from './nodeBridge.ts'
import { configMap, openWorld, type PolicyWorld } from './policyWorld.ts'

const grants = join(import.meta.dirname, '..', '..', 'apiserver', 'referencegrants.yaml')

/** An installation that lets policies use all that these tests are about. */
export interface PolicyRelease {
  readonly world: PolicyWorld
  /** The authority of client certificates that the listener trusts at first. */
  readonly clients: Authority
  /** The authority of the identity provider's certificate. */
  readonly identity: Authority
  close(): Promise<void>
}

const identityAuthority = 'policy-idp-ca'

const values = (shop: string): object => ({
  watchNamespaces: [shop],
  gatehouse: {
    listeners: [
      listenerWith({
        tls: { clientCertificate: { mode: 'Request', caCertificateRefs: [{ name: clientAuthorities }] } },
      }),
    ],
    outbound: {
      allowedHosts: [identityProviderPort, downPort].map((port) => ({
        host: testAddress,
        port,
        namespaces: [shop],
        addresses: 'Private',
        caCertificateRefs: [{ name: identityAuthority }],
      })),
    },
  },
})

export async function openPolicyRelease(node: ClusterNode): Promise<PolicyRelease> {
  const [clients, identity] = await Promise.all([
    createAuthority('First clients'),
    createAuthority('Identity provider'),
  ])
  await node.kubectl(['apply', '-f', '-'], await readFile(grants, 'utf8'))
  await installKinds(node)
  const target = await installTarget(node, 'policy', async (namespace, shop) => {
    await node.apply([
      trusting(namespace, clients),
      configMap(namespace, identityAuthority, 'ca.crt', identity.certificate),
    ])
    return values(shop)
  })
  const world = await openWorld(node, target, { idp: identityProviderPort, [invoices.name]: invoices.port })
  return {
    world,
    clients,
    identity,
    close: async () => {
      await world.close()
      await target.release.remove()
    },
  }
}
