import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pushIdentity, type ObjectName, type PushRole } from '@gatehouse/contract'
import { createAuthority, type Authority, type Leaf } from './authority.ts'

/** The certificates of a push channel: one authority, one controller, one data plane. */
export interface PushChannel {
  readonly installation: ObjectName
  readonly authority: Authority
  readonly controller: Leaf
  readonly dataplane: Leaf
}

const usageOf = { controller: 'serverAuth', dataplane: 'clientAuth' } as const

/** A leaf with the push identity and the usage of this role. */
export const pushLeaf = (authority: Authority, installation: ObjectName, role: PushRole): Promise<Leaf> =>
  authority.leaf({ commonName: role, uris: [pushIdentity(installation, role)], usages: [usageOf[role]] })

/** Makes a new authority and a leaf for each role. */
export async function createPushChannel(installation: ObjectName): Promise<PushChannel> {
  const authority = await createAuthority('Gatehouse push test root')
  const [controller, dataplane] = await Promise.all([
    pushLeaf(authority, installation, 'controller'),
    pushLeaf(authority, installation, 'dataplane'),
  ])
  return { installation, authority, controller, dataplane }
}

/** A folder with `ca.crt`, `tls.crt` and `tls.key`, as a mounted Secret has them. */
export interface CredentialsFolder {
  readonly path: string
  replace(ca: string, leaf: Leaf): Promise<void>
  remove(): Promise<void>
}

/** Writes credentials to a new temporary folder. */
export async function credentialsFolder(ca: string, leaf: Leaf): Promise<CredentialsFolder> {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-push-'))
  const replace = async (newCa: string, newLeaf: Leaf): Promise<void> => {
    await writeFile(join(path, 'ca.crt'), newCa)
    await writeFile(join(path, 'tls.crt'), newLeaf.certificate)
    await writeFile(join(path, 'tls.key'), newLeaf.privateKey, { mode: 0o600 })
  }
  await replace(ca, leaf)
  return { path, replace, remove: () => rm(path, { recursive: true, force: true }) }
}
