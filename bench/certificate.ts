import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createAuthority, type Leaf } from '../test/support/authority.ts'

/** A certificate for the host that is asked, of an authority that nobody asks for. */
export const benchCertificate = async (): Promise<Leaf> =>
  await (await createAuthority()).leaf({ dnsNames: ['api.shop.example'] })

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
