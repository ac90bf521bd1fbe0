/**
 * Whether this controller may speak for the installation, and in which term. Asked before everything that is sent, so
 * the answer must be cheap and must itself turn to null when a lease runs out, whether or not anything noticed.
 */
export interface Authority {
  /**
   * The term in which this process leads: a safe integer, higher than that of every leader before, also than that of a
   * process of the same name that was started anew, since the count of publications begins again with it. Null while it
   * does not lead, or has not listed the cluster since it does; then no session is accepted and those that are open are
   * closed with `closeCode.notLeader`.
   */
  term(): number | null
}

/**
 * The authority of a controller without an election: it leads from its start on.
 *
 * @param startedAt - milliseconds since the epoch; the term, so that a controller started later is believed
 */
export const soleLeader = (startedAt: number): Authority => ({ term: () => startedAt })
