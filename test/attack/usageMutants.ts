import { mutantsOf, type Mutant } from './mutant.ts'

/** Who learns what of quotas. */
export const usageMutants: readonly Mutant[] = [
  ...mutantsOf('usage', 'gateway/usage.ts', [
    { check: 'who may know', find: 'first ??= caller\n      continue', replace: 'first ??= caller', small: true },
    {
      check: 'a caller that is let in nowhere',
      find: 'if (!known) return',
      replace: 'if (!known && first === null) return',
    },
    { check: 'how often it is asked', find: 'if (wait > 0)', replace: 'if (wait < 0)', small: true },
    { check: 'source addresses', find: ' ?? refusedAddress(request, plan)' },
    {
      check: 'methods and bodies',
      find: "(facts.method !== 'GET' && facts.method !== 'HEAD') || bodyHead(facts).present",
      replace: 'false',
    },
  ]),
  ...mutantsOf('usage', 'policy/quotaReadings.ts', [{ check: 'keys of headers', find: 'keys.header === null && ' }]),
  ...mutantsOf('sharedUsage', 'policy/quotaReadings.ts', [
    { check: 'to read is no charge', find: 'meter, cost: 0, most: 0 }', replace: 'meter, cost: 1, most: 1 }' },
    {
      check: 'what nobody knows is not said',
      find: '{ ...about(one), remaining: null, reset: 0 }',
      replace: '{ ...about(one), remaining: one.rate.meter.burst, reset: 0 }',
    },
  ]),
]
