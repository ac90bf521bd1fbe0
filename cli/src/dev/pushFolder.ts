import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ObjectName, PushRole } from '@gatehouse/contract'
import { mintFor } from '@gatehouse/controller'

/** The certificates and the signing key of one run, in a folder that only this user can read. */
export interface PushFolder {
  /** The folder of a role: `ca.crt`, `tls.crt` and `tls.key`, and `signing.key` or `signing.pub`. */
  of(role: PushRole): string
  remove(): Promise<void>
}

/**
 * Makes what `controller certs` makes in a cluster, for one run, and forgets the authority's key: nobody can join this
 * run's channel later. A run that lasts longer than the 90 days of a leaf must be started again.
 *
 * @param now - milliseconds since the epoch
 */
export async function makePushFolder(installation: ObjectName, now: number): Promise<PushFolder> {
  const root = await mkdtemp(join(tmpdir(), 'gatehouse-dev-'))
  const of = (role: PushRole): string => join(root, role)
  const write = (role: PushRole, file: string, text: string): Promise<void> =>
    writeFile(join(of(role), file), text, { mode: file.endsWith('.key') ? 0o600 : 0o644 })
  const mint = mintFor(installation)
  const issuer = await mint.issuer(now)
  for (const role of ['controller', 'dataplane'] as const) {
    const leaf = await mint.leaf(issuer, role, now)
    await mkdir(of(role), { mode: 0o700 })
    await write(role, 'ca.crt', issuer.certificate)
    await write(role, 'tls.crt', leaf.certificate)
    await write(role, 'tls.key', leaf.privateKey)
  }
  const signing = mint.signingPair()
  await write('controller', 'signing.key', signing.privateKey)
  await write('dataplane', 'signing.pub', signing.publicKey)
  return { of, remove: () => rm(root, { recursive: true, force: true }) }
}
