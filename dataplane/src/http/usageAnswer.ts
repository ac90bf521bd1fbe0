import type { QuotaReading } from '../policy/quotaReadings.ts'
import { hardening, type Answer } from './problem.ts'

/** What a caller learns of its quotas; nothing of it comes from its request. @param id - of the request */
export function usageAnswer(readings: readonly QuotaReading[], id: string): Answer {
  const quotas = readings.map(({ name, limit, window, remaining, reset }) => ({
    name,
    limit,
    ...(window !== null && { window: Math.ceil(window / 1000) }),
    remaining,
    reset: Math.ceil(reset / 1000),
  }))
  // Names are the policies' own; what is not ASCII is escaped, so that characters are bytes.
  const body = JSON.stringify({ quotas }).replaceAll(/[^\x20-\x7e]/g, escaped)
  const headers = [
    'content-type',
    'application/json',
    'content-length',
    String(body.length),
    'cache-control',
    'no-store',
  ]
  return { status: 200, headers: [...headers, ...hardening, 'x-request-id', id], body }
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
