/** Milliseconds since the epoch; a parameter everywhere else. */
export const systemNow = (): number => Date.now()
