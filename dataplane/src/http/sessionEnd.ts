/** Why a session of HTTP/2 was ended although its client had not asked for that. */
const sessionEnds = ['idle', 'silent', 'flood', 'resets', 'malformed'] as const

export type SessionEnd = (typeof sessionEnds)[number]

/** How often sessions were ended, by reason. */
export class SessionEnds {
  readonly #counts = new Map<SessionEnd, number>(sessionEnds.map((reason) => [reason, 0]))

  readonly count = (reason: SessionEnd): void => {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  counts(): Iterable<readonly [SessionEnd, number]> {
    return this.#counts
  }
}
