import { mutantsOf, type Mutant } from './mutant.ts'

const introspection: Mutant[] = [
  ...mutantsOf('introspection', 'policy/introspection.ts', [
    {
      check: 'active in so many words',
      find: "if (active !== true || !hasSoundTypes(answer)) return 'malformed'",
      small: true,
    },
    { check: 'a token that is not active', find: "if (active === false) return 'inactive'", replace: '' },
    { check: 'the audience', find: " || !namesAudience(audiences, own(answer, 'aud'))" },
    { check: 'the issuer', find: "(own(answer, 'iss') ?? issuer) !== issuer || " },
    {
      check: 'the subject',
      find: "if (typeof subject !== 'string' || subject === '' || subject.length > maxSubject) return invalid",
    },
    { check: 'tokens that are bound to a key', find: '!isBearer(answer) || ' },
    { check: 'the expiry', find: '!(isTime(expiry) && expiry * 1000 <= now) && ' },
    { check: 'the beginning', find: ' && !(isTime(notBefore) && notBefore * 1000 > now)' },
    { check: 'types of times', find: 'times.every((name) => isAbsentOr(own(answer, name), isTime)) &&\n' },
    {
      check: 'the form of a token that is asked about',
      find: 'tokenForm.test(text)',
      replace: 'text !== undefined',
    },
  ]),
  ...mutantsOf('introspection', 'state/introspectionClient.ts', [
    { check: 'the status of the answer', find: 'if (statusCode === 200 && isPlainJson', replace: 'if (isPlainJson' },
    {
      check: 'the type of the answer',
      find: 'if (statusCode === 200 && isPlainJson(headers))',
      replace: 'if (statusCode === 200)',
    },
    { check: 'the coding of the answer', find: "if (encoding !== undefined && encoding !== 'identity') return false" },
    {
      check: 'the size of the answer',
      find: 'maxResponseSize: maxAnswer',
      replace: 'maxResponseSize: -1',
    },
  ]),
  ...mutantsOf('introspection.chaos', 'state/introspectedTokens.ts', [
    {
      check: 'the expiry that an answer named',
      find: 'if (active.expiresAt !== null && this.#clock.now() >= active.expiresAt) return invalid',
    },
    {
      check: 'for how long an answer is remembered',
      find: 'if (this.#clock.monotonic() < active.freshUntil) return active.verdict',
      replace: 'return active.verdict',
    },
  ]),
  ...mutantsOf('introspection.chaos', 'state/introspector.ts', [
    {
      check: 'how many questions are open at once',
      find: 'if (flights.size >= maxInFlight) {',
      replace: 'if (flights.size < 0) {',
    },
    { check: 'one question for all who ask at once', find: 'if (flight !== undefined) return flight.then(unforged)' },
    {
      check: 'the text of a token does not open the circuit',
      find: "return outcome === 'rejected' ? 'neutral' : 'fault'",
      replace: "return 'fault'",
    },
  ]),
]

const throttle: Mutant[] = [
  ...mutantsOf('throttle', 'gateway/admit.ts', [
    {
      check: 'guesses count',
      find: 'countForgery(request, plan, known.provider, clock)',
      replace: 'void plan',
      small: true,
    },
    {
      check: 'a blocked network may not try',
      find: 'block === null ? callerOf(request, plan, clock) : throttled(request, plan, block, clock)',
      replace: 'callerOf(request, plan, clock)',
    },
  ]),
  ...mutantsOf('throttle', 'gateway/throttling.ts', [
    {
      check: 'guesses count for the provider that claims them',
      find: 'if (provider !== null) countFailure(providerThrottles, { network, policy, provider }, now)',
    },
    {
      check: 'what is blocked for a provider',
      find: 'blockOf(providerThrottles, { ...guesser, provider }, now)',
      replace: 'blockOf(throttles, guesser, now)',
    },
  ]),
  ...mutantsOf('throttle', 'policy/throttle.ts', [
    {
      check: 'providers are told apart',
      find: '`${network} ${policy} ${provider}`',
      replace: '`${network} ${policy}`',
    },
  ]),
  ...mutantsOf('throttle', 'state/failures.ts', [
    {
      check: 'when a block begins',
      find: 'if (count.failures >= limits.limit) this.#blocked.set',
      replace: 'if (count.failures > limits.limit) this.#blocked.set',
    },
    {
      check: 'when a block ends',
      find: 'this.#blocked.set(network, now + limits.blockFor)',
      replace: 'this.#blocked.set(network, now + limits.blockFor / 2)',
    },
  ]),
  ...mutantsOf('throttle', 'gateway/policyState.ts', [
    {
      check: 'counts survive a change',
      find: 'failures.acquire(name)',
      replace: 'failures.acquire(name + JSON.stringify(spec.failureThrottle))',
    },
  ]),
]

const denials: Mutant[] = [
  ...mutantsOf('denyList', 'gateway/admit.ts', [
    { check: 'denied addresses', find: ' ?? deniedAddress(request, plan)', small: true },
    { check: 'denied callers', find: ' ?? deniedCaller(request, plan, principal)', small: true },
  ]),
  ...mutantsOf('denyList', 'gateway/rulePlan.ts', [
    {
      check: 'a deny list that nobody could read',
      find: "policy.denied === 'broken' ||",
    },
  ]),
  ...mutantsOf('denyList', 'policy/denyList.ts', [
    { check: 'denied subjects', find: 'names.Subject.has(principal.subject) ||' },
  ]),
  ...mutantsOf('clientAddress', 'policy/denyList.ts', [
    {
      check: 'an address that is not known',
      find: 'address === null || addresses',
      replace: 'address !== null && addresses',
    },
  ]),
  ...mutantsOf('denyList', 'gateway/policyWorkshop.ts', [
    {
      check: 'an edited deny list acts',
      find: '(spec.denyList !== null && denyList.has(spec.denyList.list)) ||',
    },
  ]),
  ...mutantsOf('denyList', 'policy/addressSet.ts', [
    {
      check: 'a range within another',
      find: 'if (last === undefined || !inRange(range.base, last)) row',
      replace: 'row',
    },
  ]),
]

const levels: Mutant[] = [
  ...mutantsOf('levels', 'policy/attributes.ts', [
    {
      check: 'whom a wider level believes',
      find: 'principal !== null && principal.level <= level ? principal : null',
      replace: 'principal',
      small: true,
    },
  ]),
  ...mutantsOf('levels', 'gateway/providerChoice.ts', [
    {
      check: "the level of a policy's own providers",
      find: 'own.spec.providers.map((provider) => ({ provider, policy, level }))',
      replace: 'own.spec.providers.map((provider) => ({ provider, policy, level: 0 }))',
    },
  ]),
  ...mutantsOf('levels', 'policy/authentication.ts', [
    {
      check: 'a provider whose issuer is the name of another',
      find: "if (provider.keys === null) return failure('config-invalid', name)\n      return verifyToken",
      replace: 'if (provider.keys === null) return null\n      return verifyToken',
    },
  ]),
]

const shadow: Mutant[] = [
  ...mutantsOf('shadow', 'gateway/admit.ts', [
    {
      check: 'what is in Shadow does not decide',
      find: 'return underPlan(table, listener, request, plan.access)',
      replace: 'return underPlan(table, listener, request, plan.shadow ?? plan.access)',
      small: true,
    },
  ]),
]

const streams: Mutant[] = [
  ...mutantsOf('streams', 'http/streams.ts', [
    {
      check: 'the end of a credential ends what runs',
      find: "if (stream.expiresAt !== null && stream.expiresAt <= now) stream.end('unauthenticated')\n      else if",
      replace: 'if',
    },
    {
      check: 'a change ends what it refuses',
      find: 'else if (this.#streams.has(stream)) stream.end(late.code)',
    },
  ]),
]

/** Who calls, told by others: introspection, guesses, levels; and for how long and where that counts. */
export const callerMutants: readonly Mutant[] = [
  ...introspection,
  ...throttle,
  ...denials,
  ...levels,
  ...shadow,
  ...streams,
]
