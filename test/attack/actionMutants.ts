import { mutantsOf, type Mutant } from './mutant.ts'

/** What routes do beside passing requests on. */
export const actionMutants: readonly Mutant[] = [
  ...mutantsOf('actions', 'gateway/actionPlan.ts', [
    {
      check: 'what a rule writes into requests',
      find: 'requestHeaders: requestMay(taken)',
      replace: 'requestHeaders: () => true',
      small: true,
    },
    {
      check: 'what a rule writes into answers',
      find: 'responseHeaders: responseMay(nothing)',
      replace: 'responseHeaders: () => true',
    },
    { check: 'what one backend is written', find: 'own !== undefined || !making', replace: '!making' },
    { check: 'identity headers', find: '...identityHeaders, ', replace: '' },
    { check: 'headers that credentials come in', find: ', ...credentialHeaders]', replace: ']' },
    { check: 'one location', find: 'responseMay(ownHeaders[action.type])', replace: 'responseMay(nothing)' },
    { check: 'a path that cannot be built', find: 'if (change !== null && path === null) {', replace: 'if (false) {' },
  ]),
  ...mutantsOf('mirrors', 'gateway/actionPlan.ts', [
    {
      check: 'a mirror gets no cookie',
      find: "remove: ['authorization', 'cookie']",
      replace: "remove: ['authorization']",
    },
  ]),
  ...mutantsOf('mirrors', 'forward/mirroring.ts', [
    {
      check: 'a mirror gets no credential',
      find: 'whole: null, identityHeaders',
      replace: 'identityHeaders',
      small: true,
    },
    { check: 'a mirror gets no identity', find: ', identityHeaders: []', replace: '' },
    { check: 'methods that are copied', find: 'methods.has(method) && ' },
  ]),
  ...mutantsOf('actions', 'gateway/headerEdit.ts', [
    {
      check: 'every spelling of a name that is set',
      find: 'one.set.map(({ name }) => dashed(name))',
      replace: 'one.set.map(({ name }) => name)',
    },
  ]),
  ...mutantsOf('actions', 'gateway/pathEdit.ts', [
    { check: 'one slash', find: 'value: withoutSlash(value) }', replace: 'value }' },
    { check: 'a canonical path', find: 'if (!isSound(value)) return null' },
  ]),
  ...mutantsOf('actions', 'gateway/location.ts', [
    { check: 'the host that was matched', find: 'hostname ?? facts.host', replace: 'hostname ?? facts.authority' },
  ]),
  ...mutantsOf('actions', 'forward/requestHeaders.ts', [
    {
      check: 'what a client sends under a name that the route writes',
      find: ' || edit?.cleared?.has(name) === true',
      replace: '',
      small: true,
    },
    {
      check: 'what a route writes under the name that proves the gateway',
      find: 'if (proof === null || dashed(written[at]!) !== proof[0]) out.push',
      replace: 'out.push',
    },
  ]),
  ...mutantsOf('actions', 'forward/responseHeaders.ts', [
    {
      check: 'what a backend should not say',
      find: '    if (edit?.cleared?.has(dashed(name)) === true) continue\n    const value',
      replace: '    const value',
    },
  ]),
  ...mutantsOf('actions', 'forward/forward.ts', [
    {
      check: 'the path that is written for the backend',
      find: 'change === null ? facts.path : edited(change, facts.path)',
      replace: 'facts.path',
    },
  ]),
  ...mutantsOf('actions', 'http/ownAnswer.ts', [
    { check: 'no shared cache', find: "if (!cached) headers.push('cache-control', 'private')" },
    {
      check: 'no length of what has no content',
      find: 'if (action.statusCode !== noContent) headers',
      replace: 'headers',
    },
    { check: 'bytes, not characters', find: "Buffer.from(text, 'utf8').toString('latin1')", replace: 'text' },
  ]),
]
