import { mutantsOf, type Mutant } from './mutant.ts'

/** What answers say, and to whom. */
export const answerMutants: readonly Mutant[] = [
  ...mutantsOf('cors', 'policy/cors.ts', [
    {
      check: 'the origin of a page',
      find: '!origins.every((set) => isWithin(set, origin))',
      replace: 'false',
      small: true,
    },
    { check: 'the origin null', find: "if (origin === 'null' || ", replace: 'if (' },
    { check: 'one origin only', find: "sent?.length === 1 ? sent[0]! : 'null'", replace: "sent?.at(-1) ?? 'null'" },
    { check: 'whole labels before a wildcard', find: 'labels.test(origin.slice(', replace: '/./.test(origin.slice(' },
    { check: 'the method of a preflight', find: ' || !methodMatches(allowMethods, asked)' },
    {
      check: 'the headers of a preflight',
      find: ' || (allowHeaders !== null && !names.every((name) => allowHeaders.includes(name)))',
    },
    { check: 'names of headers', find: ' && names.every((name) => token.test(name))' },
    {
      check: 'private networks',
      find: "if (headers.has('access-control-request-private-network')) return null",
    },
    { check: 'Vary', find: "out.push('vary', 'origin')" },
  ]),
  ...mutantsOf('cors', 'gateway/answerRules.ts', [
    {
      check: 'security headers',
      find: 'for (const { name, value } of securityHeaders) {',
      replace: 'for (const { name, value } of securityHeaders.slice(0, 0)) {',
      small: true,
    },
    { check: 'what a backend says itself stays', find: 'if (!holds(out, name)) out.push', replace: 'out.push' },
    {
      check: 'transport security is said over TLS alone',
      find: "if (name === 'strict-transport-security' && asked.connection.scheme === 'http') continue",
    },
  ]),
  ...mutantsOf('cors', 'forward/exchange.ts', [
    {
      check: 'security headers beside what a backend says',
      find: 'if (answer !== null) pushAnswerHeaders(out, answer, facts)',
    },
  ]),
  ...mutantsOf('cors', 'http/servedRequest.ts', [
    {
      check: 'security headers on a refusal',
      find: 'if (this.#answerRules !== null && this.#facts !== null)',
      replace: 'if (this.#answerRules !== null && this.#facts === null)',
    },
  ]),
  ...mutantsOf('cors', 'http/problem.ts', [
    { check: 'a refusal is no page', find: '    ...hardening,\n' },
    { check: 'a refusal is kept by nobody', find: "    'cache-control',\n    'no-store',\n" },
  ]),
  ...mutantsOf('cors', 'forward/responseHeaders.ts', [
    {
      check: 'what the backend says of other origins',
      find: 'if (ownCors && name.startsWith(corsPrefix)) continue',
      small: true,
    },
  ]),
  ...mutantsOf('cors', 'gateway/admit.ts', [
    {
      check: 'a preflight is never forwarded',
      find: 'if (request.preflight !== null) return preflight(request, request.preflight, quotas)',
      small: true,
    },
    { check: 'refusals say who may read them', find: "request.answer = plan.type === 'Enforce' ? plan.answer : null" },
  ]),
  ...mutantsOf('cors', 'gateway/stages.ts', [
    {
      check: 'a preflight is judged by the method that it asks for',
      find: 'method: preflight ?? facts.method',
      replace: 'method: facts.method',
    },
  ]),
  ...mutantsOf('backendIdentity', 'forward/requestHeaders.ts', [
    {
      check: 'which headers go on',
      find: "if (allowed !== null && use !== 'frame' && !isAllowed(raw.toLowerCase(), allowed)) continue",
    },
  ]),
]
