import type { PermitContent, Opinion } from '../gateway/gateway.ts'
import { isRefusal } from '../gateway/gateway.ts'
import { locationOf } from '../gateway/location.ts'
import { edited } from '../gateway/pathEdit.ts'

/** What becomes of a permitted request: a backend gets it by this path, or the gateway answers. Without queries. */
export type Becomes =
  | { readonly type: 'Forward'; readonly path: string }
  | { readonly type: 'Redirect'; readonly status: number; readonly location: string }
  | { readonly type: 'Respond'; readonly status: number }

/** @returns null when it is refused, or was a preflight */
export const becomesOf = (opinion: Opinion): Becomes | null =>
  isRefusal(opinion) || 'outcome' in opinion ? null : permitted(opinion)

function permitted({ plan, facts }: PermitContent): Becomes {
  if (plan.type === 'Forward') {
    return { type: 'Forward', path: plan.path === null ? facts.path : edited(plan.path, facts.path) }
  }
  const { action, path } = plan
  if (action.type === 'Respond') return { type: 'Respond', status: action.statusCode }
  const location = locationOf(action, path, { ...facts, query: '' })
  return { type: 'Redirect', status: action.statusCode, location }
}
