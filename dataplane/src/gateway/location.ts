import type { AnswerPlan } from './actionPlan.ts'
import type { RequestFacts } from './facts.ts'
import { edited } from './pathEdit.ts'

type Redirect = Extract<AnswerPlan['action'], { type: 'Redirect' }>

const wellKnown = { http: 80, https: 443 } as const

/**
 * Where a redirect leads (RFC 9110 10.2.2). Without an origin of its own it is a reference to a path, so that nothing
 * that a client sent as Host or port comes back to it. A canonical path begins with one slash and no more, so that no
 * browser takes its first element for a host.
 */
export function locationOf(action: Redirect, path: AnswerPlan['path'], facts: RequestFacts): string {
  const target = (path === null ? facts.path : edited(path, facts.path)) + facts.query
  if (action.origin === null) return target
  const { scheme, hostname, port } = action.origin
  const suffix = port === null || port === wellKnown[scheme] ? '' : `:${port}`
  return `${scheme}://${hostname ?? facts.host}${suffix}${target}`
}
