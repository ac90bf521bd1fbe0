import { dashed } from '@gatehouse/contract'
import type { PermitContent } from '../gateway/gateway.ts'
import type { HeaderEdit } from '../gateway/headerEdit.ts'
import { nominated, type HeaderRules } from './headerRules.ts'
import type { Proof } from './proof.ts'
import { pushTraceContext } from './traceContext.ts'

/** What the header pass needs to know about where a request goes. */
export interface RequestTarget {
  /** The backend's own authority: what Host says (M10). */
  readonly authority: string
  /** Whether a body follows: without one its length is not repeated. */
  readonly hasBody: boolean
  /** What proves the gateway to the backend; null = nothing. */
  readonly proof: Proof | null
  /** What the route changes of it; null = nothing. */
  readonly edit: HeaderEdit | null
}

/**
 * The headers that go to the upstream (M10): everything that a client could use to pass for the gateway is removed
 * first, the gateway's own come after, and identity comes last.
 *
 * @returns name, value, name, value … as connections take them
 */
export function requestHeaders(content: PermitContent, rules: HeaderRules, target: RequestTarget): string[] {
  const { facts } = content
  const out = ['host', target.authority]
  pushClientHeaders(out, content, rules, target)
  if (target.edit !== null) pushWritten(out, target.edit, target.proof)
  const te = facts.headers.get('te')
  if (te?.some((value) => value.toLowerCase().includes('trailers'))) out.push('te', 'trailers')
  const { connection, forwardedFor } = facts
  const chain = forwardedFor.length === 0 ? [connection.peerAddress] : [...forwardedFor, connection.peerAddress]
  out.push(
    'x-forwarded-for',
    chain.join(', '),
    'x-forwarded-proto',
    connection.scheme,
    'x-forwarded-host',
    facts.authority,
    'forwarded',
    forwarded(chain, facts.authority, connection.scheme),
    'via',
    '1.1 gatehouse',
    'x-request-id',
    facts.id,
  )
  pushTraceContext(out, facts.headers, facts.id)
  const { identityHeaders } = content
  for (let at = 0; at < identityHeaders.length; at++) out.push(identityHeaders[at]!)
  if (target.proof !== null) out.push(target.proof[0], target.proof[1])
  return out
}

const none: readonly string[] = []

function pushClientHeaders(
  out: string[],
  content: PermitContent,
  rules: HeaderRules,
  { hasBody, proof, edit }: RequestTarget,
): void {
  const { rawHeaders, headers } = content.whole ?? content.facts
  const removed = nominated(headers.get('connection'))
  const { allowedHeaders: allowed } = content
  const credentials = content.whole === null ? content.credentialHeaders : none
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at]!
    const { use, name } = rules(raw)
    if (use === 'drop' || name === proof?.[0] || edit?.cleared?.has(name) === true) continue
    // A nominated Content-Length stays: without it the body would be read as the next request (CVE-2026-6338).
    if (use === 'frame' ? !hasBody : removed?.has(name)) continue
    // Exactly these names: a spelling that only a CGI backend takes for one of them is another header.
    if (allowed !== null && use !== 'frame' && !isAllowed(raw.toLowerCase(), allowed)) continue
    if (credentials.length > 0 && holdsCredential(name, credentials, rules)) continue
    out.push(raw, rawHeaders[at + 1]!)
  }
}

/** What opens a WebSocket is as good as framing. */
const isAllowed = (name: string, allowed: ReadonlySet<string>): boolean =>
  allowed.has(name) || name.startsWith('sec-websocket-')

/** What the route writes, but for the name that proves the gateway. */
function pushWritten(out: string[], { written }: HeaderEdit, proof: Proof | null): void {
  for (let at = 0; at < written.length; at += 2)
    if (proof === null || dashed(written[at]!) !== proof[0]) out.push(written[at]!, written[at + 1]!)
}

function holdsCredential(name: string, credentials: readonly string[], rules: HeaderRules): boolean {
  for (const credential of credentials) if (rules(credential).name === name) return true
  return false
}

/** RFC 7239: one element a hop; this hop also says what was asked for. */
function forwarded(chain: readonly string[], authority: string, scheme: string): string {
  const host = /["\\]/.test(authority) ? authority.replaceAll(/["\\]/g, '\\$&') : authority
  const nodes = chain.length === 1 ? node(chain[0]!) : chain.map(node).join(', ')
  return `${nodes};host="${host}";proto=${scheme}`
}

const node = (address: string): string => (address.includes(':') ? `for="[${address}]"` : `for=${address}`)
