/** The two ends of the push channel. */
export type PushRole = 'controller' | 'dataplane'

/**
 * The URI SAN that a push certificate must carry (M21): `spiffe://gatehouse/<namespace>/<name>/<role>`.
 *
 * @param installation - namespace and name of the Gatehouse object
 */
export const pushIdentity = (
  installation: { readonly namespace: string; readonly name: string },
  role: PushRole,
): string => `spiffe://gatehouse/${installation.namespace}/${installation.name}/${role}`

/** @returns installation and role, or null when the URI is not a push identity */
export function parsePushIdentity(uri: string): { namespace: string; name: string; role: PushRole } | null {
  const parts = /^spiffe:\/\/gatehouse\/([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})\/(controller|dataplane)$/.exec(uri)
  return parts ? { namespace: parts[1]!, name: parts[2]!, role: parts[3] as PushRole } : null
}
