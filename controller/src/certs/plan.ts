import type { PushRole } from '@gatehouse/contract'
import { schedule } from './schedule.ts'
import {
  publicationOf,
  type AuthorityState,
  type CertificateSource,
  type Issuer,
  type LeafState,
  type Observed,
  type RoleState,
} from './state.ts'

/** What may be done to the Secret of the authority. */
export type AuthorityAction =
  /** Nothing exists: make an authority (unless leaves come from elsewhere) and signing keys. */
  | 'MAKE_AUTHORITY'
  /** Leaves came from elsewhere until now. */
  | 'MAKE_ISSUER'
  | 'ANNOUNCE_ISSUER'
  | 'PROMOTE_ISSUER'
  | 'DROP_ISSUER'
  | 'ROTATE_SIGNING_KEY'
  /** The signing key is published and its time of use does not run yet: count from now. */
  | 'COUNT_SIGNING_KEY'

/** What may be done to the Secret of a role. */
export type RoleAction =
  /** There is none. */
  | 'CREATE'
  /** A new leaf, and what is published with it. */
  | 'ISSUE_LEAF'
  /** The leaf stays; authorities, signing keys or the time of the last change do not. */
  | 'PUBLISH'

/** One write to the Secret of a role. */
export interface RoleStep {
  readonly secret: PushRole
  readonly action: RoleAction
}

/** One write to one Secret. */
export type Step = { readonly secret: 'authority'; readonly action: AuthorityAction } | RoleStep

/** What to do next: a step, nothing (null), or `AUTHORITY_MISSING`: somebody must decide. */
export type Plan = Step | null | 'AUTHORITY_MISSING'

const dueAt = ({ notBefore }: Issuer | LeafState, { use }: { readonly use: number }): number =>
  notBefore + schedule.backdate + use

const isTime = (time: number | null, now: number): time is number => time !== null && time <= now + schedule.skew

const hasSettled = ({ changedAt }: RoleState, now: number): boolean =>
  isTime(changedAt, now) && now - changedAt >= schedule.settle

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((item, index) => item === b[index])

function needsLeaf(leaf: LeafState | null, issuer: Issuer, now: number): boolean {
  if (leaf?.issuer !== issuer.id) return true
  return now >= dueAt(leaf, schedule.leaf) || now < leaf.notBefore || now >= leaf.notAfter
}

/** What makes a role's Secret as it should be; null when it is. */
function roleAction(role: PushRole, state: RoleState | null, authority: AuthorityState, at: At): RoleAction | null {
  if (state === null) return 'CREATE'
  const wanted = publicationOf(role, authority)
  const { issuers } = authority
  const own = at.source === 'Own'
  if (own && issuers && needsLeaf(state.leaf, issuers.current, at.now)) return 'ISSUE_LEAF'
  const trust = wanted.trust.map(({ id }) => id)
  if (own && !same(state.trust, trust)) return 'PUBLISH'
  return same(state.signing, wanted.signing) && isTime(state.changedAt, at.now) ? null : 'PUBLISH'
}

/**
 * The state machine of the authorities: announced, and after everybody has seen it promoted; the one before dropped
 * after everybody has had a leaf of the new one.
 */
function issuerAction(
  { current, next, previous }: NonNullable<AuthorityState['issuers']>,
  settled: boolean,
  now: number,
): AuthorityAction | null {
  // Nobody trusts anybody by an authority that has expired, so there is nothing to wait for.
  if (next) return settled || now >= current.notAfter ? 'PROMOTE_ISSUER' : null
  if (previous) return settled || now >= previous.notAfter ? 'DROP_ISSUER' : null
  return now >= dueAt(current, schedule.issuer) ? 'ANNOUNCE_ISSUER' : null
}

function signingAction({ since }: AuthorityState['signing'], settled: boolean, now: number): AuthorityAction | null {
  if (!isTime(since, now)) return 'COUNT_SIGNING_KEY'
  return settled && now - since >= schedule.signing.use ? 'ROTATE_SIGNING_KEY' : null
}

/** When and for whom a plan is made. */
export interface At {
  readonly source: CertificateSource
  /** Milliseconds since the epoch. */
  readonly now: number
}

/**
 * Says what to do next to the three Secrets. Pure: the same state at the same time has the same plan, and after the
 * last step the plan is null until time makes something due. A step that is planned twice does no harm.
 */
export function plan({ authority, controller, dataplane }: Observed, at: At): Plan {
  if (authority === null) {
    if (controller || dataplane) return 'AUTHORITY_MISSING'
    return { secret: 'authority', action: 'MAKE_AUTHORITY' }
  }
  if (at.source === 'Own' && authority.issuers === null) return { secret: 'authority', action: 'MAKE_ISSUER' }
  // Published before anything moves on: what the authority says next counts only from what everybody can read.
  for (const [role, state] of [
    ['dataplane', dataplane],
    ['controller', controller],
  ] as const) {
    const action = roleAction(role, state, authority, at)
    if (action) return { secret: role, action }
  }
  const settled = [controller, dataplane].every((state) => state !== null && hasSettled(state, at.now))
  const issuers = at.source === 'Own' ? authority.issuers : null
  const action =
    (issuers && issuerAction(issuers, settled, at.now)) ?? signingAction(authority.signing, settled, at.now)
  return action && { secret: 'authority', action }
}
