import { z } from 'zod'
import type { StandIn } from '@gatehouse/dataplane'
import type { ReadyRequest } from '../explain/described.ts'
import { BadDescription, describedRequest, tokenOf } from '../explain/request.ts'

/** What of a decision line a request can be made of again. */
const decisionLine = z.object({
  log: z.enum(['audit', 'security']),
  method: z.string(),
  listener: z.string(),
  host: z.string(),
  path: z.string(),
  clientAddress: z.string().nullable(),
  decision: z.enum(['permit', 'refuse']),
  check: z.string().nullable(),
  principal: z.string().nullable(),
})

const principalParts = z.tuple([z.string(), z.string(), z.string()])

/** What the line says of the caller: who it was, and nothing of what it may. */
function standInOf(principal: string | null, now: number): StandIn | null {
  if (principal === null) return null
  const [, issuer, subject] = principalParts.parse(JSON.parse(principal))
  if (issuer === '') return { type: 'ApiKey', clientId: subject }
  return tokenOf({ iss: issuer, sub: subject }, now, true)
}

/** What was refused for what came before it or ran beside it, which nobody can ask again. */
const countsOthers: ReadonlySet<string> = new Set(['request-quota', 'principal-quota', 'concurrency', 'anomaly'])

/**
 * The request of one line of an audit or security log; null when it is none that can be asked again.
 *
 * @param now - milliseconds since the epoch
 */
export function auditRequest(
  line: string,
  now: number,
): (ReadyRequest & { readonly recorded: 'allow' | 'deny' }) | null {
  try {
    const { method, listener, host, path, clientAddress, decision, check, principal } = decisionLine.parse(
      JSON.parse(line),
    )
    if (check !== null && countsOthers.has(check)) return null
    const standIn = standInOf(principal, now)
    const request = describedRequest({
      method,
      url: `https://${host}${path}`,
      ...(clientAddress === null ? {} : { sourceIP: clientAddress }),
      listener,
      standIn,
    })
    return { request, client: null, recorded: decision === 'permit' ? 'allow' : 'deny' }
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError || error instanceof BadDescription) return null
    throw error
  }
}
