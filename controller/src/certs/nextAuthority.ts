import type { Mint } from './mint.ts'
import type { AuthorityAction, At } from './plan.ts'
import type { AuthorityState } from './state.ts'

/** What is there to be changed; an action that needs more than there is is not planned. */
function existing(state: AuthorityState | null): AuthorityState {
  if (state === null) throw new Error('there is no authority to change')
  return state
}

function existingIssuers({ issuers }: AuthorityState): NonNullable<AuthorityState['issuers']> {
  if (issuers === null) throw new Error('there is no issuer to change')
  return issuers
}

const newIssuers = async (mint: Mint, now: number): Promise<AuthorityState['issuers']> => ({
  current: await mint.issuer(now),
  next: null,
  previous: null,
})

type Change = (state: AuthorityState, mint: Mint, now: number) => AuthorityState | Promise<AuthorityState>

const changes: Readonly<Record<Exclude<AuthorityAction, 'MAKE_AUTHORITY'>, Change>> = {
  MAKE_ISSUER: async (state, mint, now) => ({ ...state, issuers: await newIssuers(mint, now) }),
  ANNOUNCE_ISSUER: async (state, mint, now) => ({
    ...state,
    issuers: { ...existingIssuers(state), next: await mint.issuer(now) },
  }),
  PROMOTE_ISSUER: (state) => {
    const { current, next } = existingIssuers(state)
    if (next === null) throw new Error('there is no issuer to promote')
    const { privateKey: _forgotten, ...previous } = current
    return { ...state, issuers: { current: next, next: null, previous } }
  },
  DROP_ISSUER: (state) => ({ ...state, issuers: { ...existingIssuers(state), previous: null } }),
  // The new key counts as used, and the one before as out of use, only once controllers can read that.
  ROTATE_SIGNING_KEY: ({ signing, ...state }, mint) => ({
    ...state,
    signing: { current: signing.next, next: mint.signingPair(), previous: signing.current.publicKey, since: null },
  }),
  COUNT_SIGNING_KEY: (state, _mint, now) => ({ ...state, signing: { ...state.signing, since: now } }),
}

/** The state of the authority after an action. */
export async function nextAuthority(
  action: AuthorityAction,
  state: AuthorityState | null,
  mint: Mint,
  { source, now }: At,
): Promise<AuthorityState> {
  if (action !== 'MAKE_AUTHORITY') return await changes[action](existing(state), mint, now)
  return {
    issuers: source === 'Own' ? await newIssuers(mint, now) : null,
    signing: { current: mint.signingPair(), next: mint.signingPair(), previous: null, since: now },
  }
}
