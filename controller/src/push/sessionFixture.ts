import type { SessionState } from './sessions.ts'

/** A data plane that serves nothing yet and has nothing to complain of, but for what a test says. */
export const sessionOf = (over: Partial<SessionState> = {}): SessionState => ({
  instance: 'a',
  version: '0.1.0',
  revision: null,
  refused: [],
  openCircuits: [],
  storeFault: null,
  nack: null,
  ...over,
})
