import type { PushRole } from '@gatehouse/contract'

/** Where the leaves come from: from the authority that this program keeps, or from elsewhere (cert-manager). */
export type CertificateSource = 'Own' | 'External'

/** A certificate authority of the push channel. Times are milliseconds since the epoch. */
export interface Issuer {
  /** SHA-256 of the certificate. */
  readonly id: string
  /** PEM. */
  readonly certificate: string
  readonly notBefore: number
  readonly notAfter: number
}

/** An authority that can still sign. */
export interface KeyedIssuer extends Issuer {
  /** PKCS#8 PEM. */
  readonly privateKey: string
}

/** An Ed25519 key pair that signs revisions. */
export interface SigningPair {
  /** PKCS#8 PEM. */
  readonly privateKey: string
  /** SPKI PEM, as Node writes it: equal keys have equal text. */
  readonly publicKey: string
}

/** What the Secret NAME-push-authority holds. */
export interface AuthorityState {
  /** Null while leaves have only ever come from elsewhere. */
  readonly issuers: {
    /** Signs leaves. */
    readonly current: KeyedIssuer
    /** Trusted, but signs nothing until everybody has had time to see it. */
    readonly next: KeyedIssuer | null
    /** Trusted until nobody can have a leaf of it any more; its key is gone. */
    readonly previous: Issuer | null
  } | null
  readonly signing: {
    readonly current: SigningPair
    readonly next: SigningPair
    /** Public key. */
    readonly previous: string | null
    /** Since when `current` is known to be published; null = it does not count yet. */
    readonly since: number | null
  }
}

/** A leaf as far as it can be judged. */
export interface LeafState {
  /** Id of the authority that signed it; null = none that is known. */
  readonly issuer: string | null
  readonly notBefore: number
  readonly notAfter: number
}

/** What NAME-push-controller or NAME-push-dataplane publishes. */
export interface RoleState {
  /** When it was last changed; null = it is not known. */
  readonly changedAt: number | null
  /** Ids of the authorities in `ca.crt`, in order. */
  readonly trust: readonly string[]
  /** Null = there is none, or its key or its name is not as it should be. */
  readonly leaf: LeafState | null
  /** Public keys: of the one key in `signing.key`, or all in `signing.pub`, in order. */
  readonly signing: readonly string[]
}

/** The three Secrets as they were read; null = there is no such Secret. */
export interface Observed {
  readonly authority: AuthorityState | null
  readonly controller: RoleState | null
  readonly dataplane: RoleState | null
}

/** What a Secret of this role should publish beside its leaf. */
export interface Publication {
  readonly trust: readonly Issuer[]
  /** Public keys. */
  readonly signing: readonly string[]
}

/** What follows from the authority for each role. */
export function publicationOf(role: PushRole, { issuers, signing }: AuthorityState): Publication {
  const trust = issuers ? [issuers.current, issuers.next, issuers.previous] : []
  const keys = role === 'controller' ? [] : [signing.next.publicKey, signing.previous]
  return {
    trust: trust.filter((issuer) => issuer !== null),
    signing: [signing.current.publicKey, ...keys.filter((key) => key !== null)],
  }
}
