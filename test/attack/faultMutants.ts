import { mutantsOf, type Mutant } from './mutant.ts'

/** What may become of an answer that is not sound. */
export const faultMutants: readonly Mutant[] = [
  ...mutantsOf('faults', 'forward/attempt.ts', [
    {
      check: 'nothing of a refused answer passes for that of the next try',
      find: "this.giveUp('fault')",
      small: true,
    },
    { check: 'interim answers without end', find: 'if (++this.#interim > maxInterim) this.#refuse()\n      else ' },
  ]),
  ...mutantsOf('faults', 'forward/responseHeaders.ts', [
    {
      check: 'codings of answers',
      find: "if (coding !== undefined && String(coding).toLowerCase() !== 'chunked') return null",
    },
  ]),
  ...mutantsOf('faults', 'state/dial.ts', [
    { check: 'a reset is no end', find: "if (error.code === 'ECONNRESET') error.code = 'UPSTREAM_RESET'" },
  ]),
]
