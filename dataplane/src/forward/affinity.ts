import type { Balancing, HashKey } from '@gatehouse/contract'
import type { PermitContent } from '../gateway/gateway.ts'
import { findCookie } from '../policy/cookieString.ts'
import type { Principal } from '../policy/principal.ts'
import { hash32 } from '../state/balancing/hash32.ts'

interface Asking {
  readonly facts: Pick<PermitContent['facts'], 'headers' | 'clientAddress'>
  readonly principal: Pick<Principal, 'id'> | null
}

/**
 * What a request shares with those that are to go to the same address, as a hash, so that nothing that a client sends is
 * kept. A credential that admission took is none of it, and a cookie that two readers could take for two is none.
 *
 * @returns null when it has nothing of the kind
 */
export function affinityOf(pick: Balancing['pick'], asking: Asking): number | null {
  if (pick.type !== 'ConsistentHash') return null
  const text = textOf(pick.key, asking)
  return text === null ? null : hash32(text)
}

function textOf(key: HashKey, { facts, principal }: Asking): string | null {
  switch (key.type) {
    case 'Header':
      return facts.headers.get(key.name)?.join(', ') ?? null
    case 'Cookie': {
      const lines = facts.headers.get('cookie') ?? []
      const found = lines.length === 1 ? findCookie(lines[0]!, key.name) : null
      return found !== null && typeof found === 'object' ? found.text : null
    }
    case 'SourceIP':
      return facts.clientAddress
    case 'Principal':
      return principal?.id ?? null
  }
}
