import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority, type LeafOptions } from '../support/authority.ts'
import { accountKeys } from './accountKeys.ts'
import { kubeconfig } from './kubeconfig.ts'
import { nodeName, nodeNetwork } from './nodeNetwork.ts'

const leaves = {
  apiserver: {
    commonName: 'kube-apiserver',
    addresses: ['127.0.0.1', nodeNetwork.address, nodeNetwork.firstService],
    dnsNames: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
  },
  'kubelet-client': { commonName: 'kube-apiserver-kubelet-client', organization: 'system:masters' },
  admin: { commonName: 'admin', organization: 'system:masters' },
  'controller-manager': { commonName: 'system:kube-controller-manager' },
  scheduler: { commonName: 'system:kube-scheduler' },
  proxy: { commonName: 'system:kube-proxy' },
  node: {
    commonName: `system:node:${nodeName}`,
    organization: 'system:nodes',
    addresses: [nodeNetwork.address],
    dnsNames: [nodeName],
  },
} as const satisfies Readonly<Record<string, LeafOptions>>

/** Who has a certificate, and a kubeconfig with it. */
export type Identity = keyof typeof leaves

export const kubeconfigPath = (folder: string, identity: Identity): string => join(folder, `${identity}.kubeconfig`)

/**
 * Writes what the programs of a node know each other by: `ca.crt`, `sa.key`, `sa.pub`, and for each identity a
 * certificate, a key and a kubeconfig.
 */
export async function writeNodeCredentials(folder: string): Promise<void> {
  const authority = await createAuthority('Gatehouse test node')
  const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text, { mode: 0o600 })
  const issue = async (identity: Identity, options: LeafOptions): Promise<void> => {
    const { certificate, privateKey } = await authority.leaf({ ...options, usages: ['serverAuth', 'clientAuth'] })
    await write(`${identity}.crt`, certificate)
    await write(`${identity}.key`, privateKey)
    const files = {
      'client-certificate': join(folder, `${identity}.crt`),
      'client-key': join(folder, `${identity}.key`),
    }
    await write(`${identity}.kubeconfig`, kubeconfig(nodeNetwork.apiServer, join(folder, 'ca.crt'), files))
  }
  await write('ca.crt', authority.certificate)
  for (const [name, text] of Object.entries(accountKeys())) await write(name, text)
  await Promise.all(Object.entries(leaves).map(([identity, options]) => issue(identity as Identity, options)))
}
