/** Titles of tests that would turn red if the gateway had a flaw. */
export interface Cases {
  /**
   * By file: one of test/attack without `.test.ts`, or any by its path from the root. A title that ends in `…` stands for
   * all that begin so.
   */
  readonly [file: string]: readonly string[]
}

/** A flaw that was found in a gateway, a proxy or a library like those that this one is made of. */
export interface Flaw {
  /** As published; without one, what is at fault. */
  readonly ids: readonly string[]
  readonly where: string
  /** Why it could happen. */
  readonly cause: string
  readonly cases?: Cases
  /** Why it cannot concern this gateway, or which part of it cannot. */
  readonly reason?: string
}

/** Flaws of one kind. */
export interface Chapter {
  readonly title: string
  readonly flaws: readonly Flaw[]
}

/** The file of a key of {@link Cases}, from the root. */
export const fileOf = (key: string): string => (key.includes('/') ? key : `test/attack/${key}.test.ts`)

/**
 * Whether a test has a title.
 *
 * @param name - of the test, with those of the groups around it, joined by ` > `
 */
export function isCalled(name: string, title: string): boolean {
  const parts = name.split(' > ')
  return parts.some((_, at) => {
    const own = parts.slice(at).join(' > ')
    return title.endsWith('…') ? own.startsWith(title.slice(0, -1)) : own === title
  })
}
