import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority, type Leaf } from '../test/support/authority.ts'

/** A certificate for the host that is asked. */
export interface BenchCertificate extends Leaf {
  /** PEM of the authority that has signed it. */
  readonly authority: string
}

export async function benchCertificate(): Promise<BenchCertificate> {
  const authority = await createAuthority()
  return { ...(await authority.leaf({ dnsNames: ['api.shop.example'] })), authority: authority.certificate }
}

/** Writes it, for programs that read files. @returns the paths of chain and key */
export async function certificateFiles(
  folder: string,
  { certificate, privateKey }: Leaf,
): Promise<readonly [chain: string, key: string]> {
  const [chain, key] = [join(folder, 'chain.pem'), join(folder, 'key.pem')]
  await writeFile(chain, certificate)
  await writeFile(key, privateKey)
  return [chain, key]
}
