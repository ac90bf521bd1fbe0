import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pushIdentity, type ObjectName, type PushRole } from '@gatehouse/contract'
import { ed25519Signer } from '../../controller/src/push/signer.ts'
import type { PushCredentials } from '../../controller/src/push/server.ts'
import { createAuthority, type Authority, type Leaf } from './authority.ts'
import { createSigningKeys, type SigningKeys } from './signing.ts'

/** The certificates of a push channel and its signing key: one authority, one controller, one data plane. */
export interface PushChannel {
  readonly installation: ObjectName
  readonly authority: Authority
  readonly controller: Leaf
  readonly dataplane: Leaf
  readonly signing: SigningKeys
}

const usageOf = { controller: 'serverAuth', dataplane: 'clientAuth' } as const

/** A leaf with the push identity and the usage of this role. */
export const pushLeaf = (authority: Authority, installation: ObjectName, role: PushRole): Promise<Leaf> =>
  authority.leaf({ commonName: role, uris: [pushIdentity(installation, role)], usages: [usageOf[role]] })

/** Makes a new authority, a leaf for each role and a signing key. */
export async function createPushChannel(installation: ObjectName): Promise<PushChannel> {
  const authority = await createAuthority('Gatehouse push test root')
  const [controller, dataplane] = await Promise.all([
    pushLeaf(authority, installation, 'controller'),
    pushLeaf(authority, installation, 'dataplane'),
  ])
  return { installation, authority, controller, dataplane, signing: createSigningKeys() }
}

/** What the controller of a channel presents, trusts and signs with. */
export const controllerCredentials = ({ authority, controller, signing }: PushChannel): PushCredentials => ({
  ca: authority.certificate,
  ...controller,
  signer: ed25519Signer(signing.privateKey),
})

/** A folder with `ca.crt`, `tls.crt`, `tls.key` and both signing keys, as mounted Secrets have them. */
export interface CredentialsFolder {
  readonly path: string
  replace(ca: string, leaf: Leaf): Promise<void>
  /** In one step, as a mounted Secret changes. */
  write(file: string, text: string): Promise<void>
  remove(): Promise<void>
}

/** Writes credentials to a new temporary folder. */
export async function credentialsFolder(ca: string, leaf: Leaf, signing: SigningKeys): Promise<CredentialsFolder> {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-push-'))
  const write = async (file: string, text: string): Promise<void> => {
    await writeFile(join(path, 'unfinished'), text, { mode: 0o600 })
    await rename(join(path, 'unfinished'), join(path, file))
  }
  const replace = async (newCa: string, newLeaf: Leaf): Promise<void> => {
    await write('ca.crt', newCa)
    await write('tls.crt', newLeaf.certificate)
    await write('tls.key', newLeaf.privateKey)
  }
  await replace(ca, leaf)
  await write('signing.key', signing.privateKey)
  await write('signing.pub', signing.publicKey)
  return { path, replace, write, remove: () => rm(path, { recursive: true, force: true }) }
}
