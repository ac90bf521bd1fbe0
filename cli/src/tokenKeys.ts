import { firstTokenKey, secretTypes, systemClock, tokenKeysSecret, type InstallationRef } from '@gatehouse/controller'
import type { Json } from '@gatehouse/crds'

/**
 * The Secret that `controller certs` makes beside every Gatehouse of a cluster, with a key of its own at each call. No
 * folder holds it, and without it a route that signs its requests would seem to lack something.
 */
export function tokenKeysFor(installation: InstallationRef): Json {
  const entries = Object.entries(firstTokenKey(systemClock.now()))
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: secretTypes.tokenKeys,
    metadata: { name: tokenKeysSecret(installation), namespace: installation.namespace },
    data: Object.fromEntries(entries.map(([name, text]) => [name, Buffer.from(text).toString('base64')])),
  }
}
