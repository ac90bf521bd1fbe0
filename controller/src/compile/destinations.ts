import type { WorldObject } from '../world.ts'

/** Names the hosts to which the value of a Secret may be sent (M12): `host` (port 443) or `host:port`, separated by commas. */
export const destinationHosts = 'gatehouse.dev/destination-hosts'

const ports: Readonly<Record<string, string>> = { 'https:': '443', 'http:': '80' }

/** Whether the author of a Secret lets its value go to the host and port of a URL. Without the annotation it goes nowhere. */
export function mayBeSentTo(secret: WorldObject, url: string): boolean {
  const parsed = URL.parse(url)
  if (!parsed) return false
  const destination = `${parsed.hostname}:${parsed.port === '' ? ports[parsed.protocol] : parsed.port}`
  const named = (secret.meta.annotations[destinationHosts] ?? '').split(',').map((host) => host.trim())
  return named.some((host) => (host.includes(':') ? host : `${host}:443`) === destination)
}
