import type { PushRole } from '@gatehouse/contract'
import type { Mint } from './mint.ts'
import { nextAuthority } from './nextAuthority.ts'
import { plan, type Step } from './plan.ts'
import { schedule } from './schedule.ts'
import { publicationOf, type AuthorityState, type Observed, type RoleState } from './state.ts'

/** Keys and certificates that are only names. */
export function namedMint(): Mint {
  let count = 0
  const name = (kind: string): string => `${kind}-${++count}`
  return {
    issuer: (now) => {
      const id = name('issuer')
      const [notBefore, notAfter] = [now - schedule.backdate, now + schedule.issuer.lifetime]
      return Promise.resolve({ id, certificate: id, privateKey: id, notBefore, notAfter })
    },
    leaf: () => Promise.reject(new Error('leaves of a simulation have no text')),
    signingPair: () => {
      const publicKey = name('key')
      return { privateKey: publicKey, publicKey }
    },
  }
}

/** What the Secret of a role holds after a step. */
function nextRole(step: Step & { secret: PushRole }, observed: Observed, now: number): RoleState {
  const { authority } = observed
  if (!authority?.issuers) throw new Error('a role follows an authority')
  const { current } = authority.issuers
  const { trust, signing } = publicationOf(step.secret, authority)
  const notAfter = Math.min(now + schedule.leaf.lifetime, current.notAfter)
  const leaf =
    step.action === 'PUBLISH'
      ? (observed[step.secret]?.leaf ?? null)
      : { issuer: current.id, notBefore: now - schedule.backdate, notAfter }
  return { changedAt: now, trust: trust.map(({ id }) => id), leaf, signing }
}

type Written = { readonly secret: 'authority'; readonly state: AuthorityState } | RoleWritten
interface RoleWritten {
  readonly secret: PushRole
  readonly state: RoleState
}

/** A write that a keeper has decided on; it takes effect only if its Secret is still the one that was read. */
export interface Intent {
  readonly step: Step
  readonly version: number
  readonly written: Written
}

/** A state of a role's Secret, and when it was that of the Secret. */
export interface Version {
  readonly state: RoleState
  readonly from: number
  until: number
}

/** The three Secrets with optimistic locks, and all that the two that are mounted ever held. */
export class SimulatedSecrets {
  observed: Observed = { authority: null, controller: null, dataplane: null }
  readonly history: Readonly<Record<PushRole, Version[]>> = { controller: [], dataplane: [] }
  readonly #versions = { authority: 0, controller: 0, dataplane: 0 }
  readonly #mint = namedMint()

  /** What a keeper whose clock shows `now` decides; null = nothing. */
  async intend(now: number): Promise<Intent | null> {
    const observed = this.observed
    const step = plan(observed, { source: 'Own', now })
    if (step === null) return null
    if (step === 'AUTHORITY_MISSING') throw new Error(step)
    const version = this.#versions[step.secret]
    if (step.secret !== 'authority') {
      const state = nextRole({ ...step, secret: step.secret }, observed, now)
      return { step, version, written: { secret: step.secret, state } }
    }
    const state = await nextAuthority(step.action, observed.authority, this.#mint, { source: 'Own', now })
    return { step, version, written: { secret: 'authority', state } }
  }

  /** @returns false = a conflict */
  write({ version, written }: Intent, time: number): boolean {
    const { secret, state } = written
    if (version !== this.#versions[secret]) return false
    this.#versions[secret] += 1
    this.observed = { ...this.observed, [secret]: state }
    if (secret === 'authority') return true
    const versions = this.history[secret]
    const last = versions.at(-1)
    if (last) last.until = time
    versions.push({ state, from: time, until: Infinity })
    return true
  }

  /** What processes may hold that see a change at most `lag` milliseconds late. */
  heldAt(role: PushRole, time: number, lag: number): readonly RoleState[] {
    const versions = this.history[role]
    const lastGone = versions.findLastIndex(({ until }) => until <= time - lag)
    return versions.slice(lastGone + 1).flatMap(({ from, state }) => (from <= time ? [state] : []))
  }
}
