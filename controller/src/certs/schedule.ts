const hour = 3_600_000
const day = 24 * hour

/** When what is made, used and dropped, in milliseconds (ADR 0010). */
export const schedule = {
  /** How long before its making a certificate is valid, for clocks that are behind. */
  backdate: hour,
  /** How long a Secret must have been as it is before something may rely on every process having read it. */
  settle: day,
  /** How far a time that another process wrote may lie ahead before it is taken for wrong. */
  skew: hour,
  issuer: { lifetime: 3650 * day, use: 2433 * day },
  leaf: { lifetime: 90 * day, use: 60 * day },
  /** A signing key is used this long and accepted this long again. */
  signing: { use: 90 * day },
} as const
