import type { ResourceSpec } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { memoised } from './memo.ts'
import { decodedText, member } from './raw.ts'

/** Names with a meaning between the gateway and the backend, or of the gateway's own (M10). */
const taken = new Set([
  'host',
  'connection',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'forwarded',
  'range',
  'via',
  'x-real-ip',
  'x-request-id',
  'x-gatehouse-token',
  'x-method-override',
  'traceparent',
  'tracestate',
])
const takenPrefixes = [
  'content-',
  'proxy-',
  'if-',
  'sec-',
  'access-control-',
  'x-forwarded',
  'x-http-method',
  'x-original-',
  'x-rewrite-',
  'client-cert',
  'x-client-cert',
]

const headerName = /^[a-z0-9]+(-[a-z0-9]+)*$/
const headerValue = /^[!-~]([ -~]{0,4094}[!-~])?$/

const isFree = (name: string): boolean =>
  name.length <= 64 &&
  headerName.test(name) &&
  !taken.has(name) &&
  !takenPrefixes.some((prefix) => name.startsWith(prefix))

/** The header in a Secret of type gatehouse.dev/backend-header; null when it is none that may be sent. */
export const backendHeaderOf = memoised((secret: WorldObject): ResourceSpec<'backendHeader'> | null => {
  const data = secret.raw['data']
  const name = decodedText(member(data, 'name'))?.toLowerCase() ?? ''
  const value = decodedText(member(data, 'value')) ?? ''
  return isFree(name) && headerValue.test(value) ? { name, value } : null
})
