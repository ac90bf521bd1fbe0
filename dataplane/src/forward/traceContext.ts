const wellFormed = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/
const version0Length = 55

/**
 * Adds W3C Trace Context: a valid `traceparent` goes on untouched with its `tracestate`; otherwise a new trace begins
 * whose trace id is the request's own id.
 *
 * @param headers - where to add, name, value, name, value …
 * @param incoming - values by lower-case name
 * @param requestId - 32 lower-case hex digits
 */
export function pushTraceContext(
  headers: string[],
  incoming: ReadonlyMap<string, readonly string[]>,
  requestId: string,
): void {
  const parents = incoming.get('traceparent')
  const parent = parents?.length === 1 ? parents[0]! : null
  if (parent === null || !isValid(parent)) {
    headers.push('traceparent', `00-${requestId}-${requestId.slice(0, 16)}-00`)
    return
  }
  headers.push('traceparent', parent)
  for (const state of incoming.get('tracestate') ?? []) headers.push('tracestate', state)
}

function isValid(parent: string): boolean {
  return wellFormed.test(parent) && (!parent.startsWith('00') || parent.length === version0Length)
}
