import { mintFor } from './certs/mint.ts'
import { CertificatesError } from './certs/refusal.ts'
import { renewRedisLogin } from './certs/redisLogin.ts'
import { renewCertificates } from './certs/renew.ts'
import { renewTokenKeys } from './certs/tokenKeys.ts'
import type { Clock } from './clock.ts'
import type { CertsConfig } from './config.ts'
import { kubeAccess } from './kube/access.ts'
import { KubeClient } from './kube/client.ts'
import { secretsIn } from './kube/secrets.ts'
import { errorCode, type Log } from './log.ts'

/** What a run of `controller certs` talks to. */
export interface CertsSurroundings {
  readonly clock: Clock
  readonly log: Log
  /** Takes a sentence for a person. */
  readonly tell: (sentence: string) => void
}

function failed(error: unknown, { log, tell }: CertsSurroundings): void {
  if (error instanceof CertificatesError) {
    log('certificates-refused', { code: error.code, object: error.object })
    tell(error.message)
    return
  }
  const code = errorCode(error)
  log('certificates-failed', { code })
  tell(
    code === 'HTTP_403'
      ? 'The API server forbids it (403); allow get, create and update on Secrets of the namespace of the installation.'
      : `The Secrets of the push channel could not be read or written (${code}); see that the API server is reachable and the namespace exists, and run this again.`,
  )
}

/**
 * `controller certs`: makes the Secrets of the push channel, and the login of the chart's Redis if there is one, and does
 * what is due, once.
 *
 * @returns the exit status: 0 = everything is as it should be, 1 = it is not
 * @throws AccessError
 */
export async function runCerts(config: CertsConfig, surroundings: CertsSurroundings): Promise<number> {
  const { installation, kubeconfig, pushCertificates: source, redis } = config
  const { clock, log } = surroundings
  const client = new KubeClient(kubeAccess(kubeconfig))
  try {
    const secrets = secretsIn(installation.namespace, client)
    const options = { installation, secrets, clock, log, mayCreate: true, mayWrite: () => true }
    await renewCertificates({ ...options, source, mint: mintFor(installation) })
    await renewTokenKeys(options)
    const need = redis === null ? null : await renewRedisLogin({ installation, secrets, clock, log, server: redis })
    if (need !== null) {
      surroundings.tell(need)
      return 1
    }
    log('certificates-current')
    return 0
  } catch (error) {
    failed(error, surroundings)
    return 1
  } finally {
    await client.close()
  }
}
