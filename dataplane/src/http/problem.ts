import { STATUS_CODES } from 'node:http'
import type { Finding } from '@gatehouse/language/schema'
import { pushRateLimit } from '../forward/rateLimit.ts'
import { refusals, soon, type QuotaState, type RefusalCode } from '../gateway/refusal.ts'

/** What an answer of the gateway's own says beside its code. */
export interface ProblemDetails {
  readonly requestId: string
  /** Value of WWW-Authenticate; null = none. */
  readonly challenge: string | null
  /** Seconds; null = none, or soon where the status asks for one. */
  readonly retryAfter: number | null
  readonly quotas: readonly QuotaState[]
  /** What is wrong with the request; absent or empty = that is not said. */
  readonly findings?: readonly Finding[]
}

/** An answer of the gateway's own, ready to be written. */
export interface Answer {
  readonly status: number
  /** Name, value, name, value … without Connection and Date. */
  readonly headers: string[]
  /** Latin-1. */
  readonly body: string
}

/** For browsers: an answer of the gateway is data, and no page's (OWASP REST Security Cheat Sheet). */
export const hardening = [
  'x-content-type-options',
  'nosniff',
  'content-security-policy',
  "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy',
  'no-referrer',
]

const beginnings = new Map(
  Object.entries(refusals).map(([code, { status, title }]) => [
    code,
    `${JSON.stringify({ type: `urn:gatehouse:problem:${code}`, title, status }).slice(0, -1)},"requestId":"`,
  ]),
)

/**
 * The one form of every answer that the gateway makes itself (M18, RFC 9457). Nothing in it comes from the request, an
 * exception or the configuration, but for the names of a challenge and a quota.
 */
export function problemOf(code: RefusalCode, details: ProblemDetails): Answer {
  const { status } = refusals[code]
  const body = `${beginnings.get(code)}${details.requestId}"${errors(details.findings ?? [])}}`
  const headers = [
    'content-type',
    'application/problem+json',
    'content-length',
    String(body.length),
    'cache-control',
    'no-store',
    ...hardening,
    'x-request-id',
    details.requestId,
  ]
  if (status === 401) headers.push('www-authenticate', details.challenge ?? 'Bearer')
  const retryAfter = details.retryAfter ?? (status === 503 ? soon : null)
  if (retryAfter !== null) headers.push('retry-after', String(retryAfter))
  pushRateLimit(headers, details.quotas)
  return { status, headers, body }
}

/** Most characters that findings may come to; the rest is not said. */
const maxErrors = 1024

/** A member for the findings (RFC 9457 3.2); their pointers are ASCII and hold no value. */
function errors(findings: readonly Finding[]): string {
  if (findings.length === 0) return ''
  let text = ''
  for (const { pointer, reason } of findings) {
    const one = JSON.stringify({ pointer, reason })
    if (text.length + one.length >= maxErrors) break
    text += text === '' ? one : `,${one}`
  }
  return `,"errors":[${text}]`
}

/** The bytes of a problem for a connection whose request could not be parsed; the connection ends with it. */
export function problemBytes(problem: Answer, date: Date): string {
  let head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n`
  for (let at = 0; at < problem.headers.length; at += 2)
    head += `${problem.headers[at]}: ${problem.headers[at + 1]}\r\n`
  return `${head}date: ${date.toUTCString()}\r\nconnection: close\r\n\r\n${problem.body}`
}
