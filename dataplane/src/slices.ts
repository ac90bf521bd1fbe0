/** Work in small steps: wherever it yields it may rest, and others have their turn. */
export type Steps<T> = Generator<undefined, T, undefined>

/** Does all of the work without a rest. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Milliseconds of work before a rest. */
const slice = 5

/**
 * Does the work in slices of a few milliseconds, so that requests never wait for all of it.
 *
 * @param now - monotonic milliseconds
 */
export async function inSlices<T>(steps: Steps<T>, now: () => number): Promise<T> {
  let begun = now()
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (now() - begun < slice) continue
    await new Promise((resolve) => setImmediate(resolve))
    begun = now()
  }
}
