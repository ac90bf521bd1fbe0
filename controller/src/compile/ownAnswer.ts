import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { Action, PathChange } from '@gatehouse/contract'
import { headerChangesOf } from './headerChanges.ts'

type RuleSpec = GatewayRouteSpec['rules'][number]
type Redirect = NonNullable<RuleSpec['redirect']>
type Respond = NonNullable<RuleSpec['respond']>
type OwnAnswer = Extract<Action, { type: 'Redirect' | 'Respond' }>

/** What an answer of the gateway's own says beside itself. */
interface Answered {
  readonly responseHeaders: RuleSpec['responseHeaders']
  readonly timeouts: OwnAnswer['timeouts']
}

/** @returns null when the path stays */
export function pathChangeOf(path: Redirect['path']): PathChange | null {
  if (path === undefined) return null
  return path.type === 'ReplaceFullPath'
    ? { type: path.type, value: path.replaceFullPath ?? '' }
    : { type: path.type, value: path.replacePrefixMatch ?? '' }
}

type RedirectStatus = Extract<Action, { type: 'Redirect' }>['statusCode']
const statuses: readonly RedirectStatus[] = [301, 302, 303, 307, 308]

export function redirectAction(spec: Redirect, { responseHeaders, timeouts }: Answered): OwnAnswer {
  const { scheme, hostname = null, port = null } = spec
  return {
    type: 'Redirect',
    statusCode: statuses.find((status) => status === spec.statusCode) ?? 302,
    origin: scheme === undefined ? null : { scheme, hostname, port },
    path: pathChangeOf(spec.path),
    responseHeaders: headerChangesOf(responseHeaders),
    timeouts,
  }
}

export function respondAction(spec: Respond, { responseHeaders, timeouts }: Answered): OwnAnswer {
  const { statusCode, contentType: type, body } = spec
  return {
    type: 'Respond',
    statusCode,
    content: type === undefined || body === undefined ? null : { type, body },
    responseHeaders: headerChangesOf(responseHeaders),
    timeouts,
  }
}
