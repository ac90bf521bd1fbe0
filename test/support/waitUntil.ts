/** How long to wait, and how often to look; milliseconds. */
export interface Patience {
  /** Default 20 s. */
  readonly within?: number
  /** Default 10. */
  readonly every?: number
}

/**
 * Waits for what only other processes bring about.
 *
 * @param wanted - what is waited for, which the error says when it does not come; a function is asked then
 */
export async function waitUntil(
  holds: () => boolean | Promise<boolean>,
  wanted: string | (() => string),
  { within = 20_000, every = 10 }: Patience = {},
): Promise<void> {
  const end = performance.now() + within
  while (!(await holds())) {
    if (performance.now() > end)
      throw new Error(`not so within ${within / 1000} s: ${typeof wanted === 'string' ? wanted : wanted()}`)
    await new Promise((resolve) => setTimeout(resolve, every))
  }
}
