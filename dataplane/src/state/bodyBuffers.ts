/** Told of bodies as they come, so that the memory which they came in is given back in time. */
export interface BodyBuffers {
  /** @param bytes - of a piece of a body */
  came(bytes: number): void
}

/**
 * After so many bytes: well before V8 acts by itself at 64 MiB, also where a byte is read more than once (TLS) and where the
 * threads that give memory back are late, since until then it counts as held.
 */
const share = 16 * 1024 * 1024

/**
 * V8 does not see that a piece of a body is done with before it collects garbage, and it does not collect because of
 * buffers before 64 MiB have come together: then it looks through all that is alive, which costs far more than the
 * bodies did. Pieces of bodies are young, so a look at what is young frees nearly all of them.
 *
 * @param collectYoung - frees what is young and not used any more
 */
export function createBodyBuffers(collectYoung: () => void): BodyBuffers {
  let held = 0
  return {
    came: (bytes) => {
      held += bytes
      if (held < share) return
      held = 0
      collectYoung()
    },
  }
}
