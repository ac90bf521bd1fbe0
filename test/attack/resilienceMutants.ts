import { mutantsOf, type Mutant } from './mutant.ts'

/** What is asked of a backend again, and how much at a time. */
export const resilienceMutants: readonly Mutant[] = [
  ...mutantsOf('resilience', 'forward/retrying.ts', [
    { check: 'nothing is done twice that must not be', find: ' || !(unsent || this.#idempotent)', small: true },
    {
      check: 'no more retries than the rule has',
      find: "if (this.tries > this.#source.terms.attempts) return 'exhausted'",
    },
  ]),
  ...mutantsOf('resilience', 'forward/trip.ts', [
    {
      check: 'one id for each try',
      find: 'tries === 1 ? content.facts.id : `${content.facts.id}.${tries}`',
      replace: 'content.facts.id',
    },
  ]),
  ...mutantsOf('resilience', 'forward/upload.ts', [
    { check: 'a body is sent again from its first byte', find: 'for (const chunk of this.#kept) stream.push(chunk)' },
  ]),
  ...mutantsOf('overload', 'http/handler.ts', [
    {
      check: 'no request is let in without memory for it',
      find: "else if (serving.overloads) serving.refuse('overloaded', 'load')",
    },
  ]),
  {
    check: 'what runs for ever keeps nobody out for ever',
    attack: 'overload',
    edits: [
      { file: 'state/overload.ts', find: 'if (use < this.#limit - relief)', replace: 'if (use < percent - relief)' },
      { file: 'state/overload.ts', find: 'else if (this.#collected) this.#weigh(use)', replace: '' },
    ],
  },
  ...mutantsOf('neighbours', 'forward/forward.ts', [
    {
      check: 'no namespace has more requests under way than it may',
      find: "if (load.full) return { code: 'namespace-full', retryAfter: soon, upstream: name }",
      small: true,
    },
  ]),
  ...mutantsOf('neighbours', 'state/boundedDial.ts', [
    {
      check: 'no namespace has more connections than it may',
      find: "if (own.crowded) throw new NamespaceFull('the namespace has as many connections as it may')",
    },
  ]),
  ...mutantsOf('resilience', 'state/places.ts', [
    { check: 'no more run than may', find: 'room.running < limits.max && ', small: true },
  ]),
]
