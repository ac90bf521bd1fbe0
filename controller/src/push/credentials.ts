import { readMounted } from '@gatehouse/contract/mountedFolder'
import type { PushCredentials } from './server.ts'
import { ed25519Signer } from './signer.ts'

/** What lies in the directory cannot be used. */
export class UnusableCredentialsError extends Error {
  readonly code = 'UNUSABLE_CREDENTIALS'
}

/**
 * Reads `ca.crt`, `tls.crt` and `tls.key`, the names of a mounted `kubernetes.io/tls` Secret, and `signing.key`.
 *
 * @throws the file system's error when one cannot be read; UnusableCredentialsError when `ca.crt` holds no certificate;
 *   UnusableKeyError
 */
export async function readPushCredentials(directory: string): Promise<PushCredentials> {
  const files = ['ca.crt', 'tls.crt', 'tls.key', 'signing.key']
  const [ca = '', certificate = '', privateKey = '', signingKey = ''] = await readMounted(directory, files)
  // Given no certificate authority, TLS would trust the public ones.
  if (!ca.includes('-----BEGIN CERTIFICATE-----')) throw new UnusableCredentialsError('ca.crt holds no certificate')
  return { ca, certificate, privateKey, signer: ed25519Signer(signingKey) }
}

const same = (a: PushCredentials, b: PushCredentials): boolean =>
  a.ca === b.ca && a.certificate === b.certificate && a.privateKey === b.privateKey && a.signer.keyId === b.signer.keyId

/**
 * Looks at a directory of push credentials every `interval` milliseconds. Renewed ones are handed on once; those that
 * cannot be read are reported and the last good ones stay.
 *
 * @returns what ends it
 */
export function followPushCredentials(
  directory: string,
  known: PushCredentials,
  follow: {
    readonly interval: number
    readonly renewed: (credentials: PushCredentials) => void
    readonly failed: (error: unknown) => void
  },
): () => void {
  let last = known
  let reading = false
  const look = async (): Promise<void> => {
    if (reading) return
    reading = true
    try {
      const found = await readPushCredentials(directory)
      if (!same(found, last)) follow.renewed(found)
      last = found
    } catch (error) {
      follow.failed(error)
    } finally {
      reading = false
    }
  }
  const timer = setInterval(() => void look(), follow.interval)
  return () => clearInterval(timer)
}
