import { mutantsOf, type Mutant } from './mutant.ts'

const form: Mutant[] = [
  ...mutantsOf('path', 'gateway/path.ts', [
    { check: 'dot segments', find: "if (name === '.' || name === '..') return null", small: true },
    {
      check: 'empty segments',
      find: "if (name === '' && (segment !== '' || index !== segments.length - 1)) return null",
    },
    { check: 'escaped slashes, backslashes, NUL, overlong forms', find: 'if (forbidden.test(path)) return null' },
    { check: 'characters that no path has', find: 'if (!legal.test(raw)) return null' },
    {
      check: 'unreserved characters are decoded',
      find: 'return unreserved.test(character) ? character : triplet.toUpperCase()',
      replace: 'return triplet.toUpperCase()',
    },
    { check: 'path parameters before dots', find: '.split(/;|%3B/, 1)[0]!', replace: '' },
  ]),
  ...mutantsOf('path', 'gateway/router.ts', [
    {
      check: 'a looser reading of the path leads to the same rule',
      find: " || (other !== null && other.destination !== found.destination)) return 'bad-path'",
      replace: ") return 'bad-path'",
    },
    {
      check: 'a looser reading of the path can be told',
      find: "other === 'bad-path' || (other !== null",
      replace: "(other !== null && other !== 'bad-path'",
    },
    {
      check: 'the path can be told',
      find: "if (found === 'bad-path') return found",
      replace: "if (found === 'bad-path') return 'no-route'",
    },
    { check: 'another way to write the path of a rule', find: "if (found.echo) return 'bad-path'" },
  ]),
  ...mutantsOf('path', 'policy/paths.ts', [
    { check: 'a path that is decoded, and keeps its parameters', find: '[whole, bare, ', replace: '[bare, ' },
    { check: 'a path that loses its parameters before it is decoded', find: ', decodedOnce(bare)]', replace: ']' },
  ]),
  ...mutantsOf('path', 'gateway/candidate.ts', [
    { check: 'methods of a match', find: 'methodMatches(match.methods, method) &&\n' },
  ]),
  ...mutantsOf('path', 'gateway/form.ts', [
    {
      check: 'the scheme of an absolute-form target',
      find: "if (parts[1]!.toLowerCase() !== raw.connection.scheme) return 'bad-request'",
    },
  ]),
  ...mutantsOf('host', 'gateway/form.ts', [
    { check: 'exactly one Host', find: 'hosts?.length !== 1 || ', replace: 'hosts === undefined || ', small: true },
    { check: 'the form of Host beside an absolute-form target', find: ' || parseHost(hosts[0]!) === null' },
    {
      check: 'an absolute-form target counts, not Host',
      find: 'return inParts(parts[2]!, ',
      replace: 'return inParts(hostHeader, ',
    },
  ]),
  ...mutantsOf('host', 'gateway/host.ts', [
    { check: 'the port', find: 'if (colon !== -1 && !isPort(text.slice(colon + 1))) return null' },
    { check: 'the characters of a name', find: ' || !name.test(host)' },
    { check: 'capitals', find: 'authority.toLowerCase()', replace: 'authority' },
    { check: 'the dot of the root', find: "host.endsWith('.') ? host.slice(0, -1) : host", replace: 'host' },
  ]),
]

const framing: Mutant[] = [
  ...mutantsOf('framing', 'gateway/form.ts', [
    { check: 'codings other than chunked', find: 'return !chunked || ', replace: 'return ', small: true },
    { check: 'TRACE', find: " || raw.method === 'TRACE'" },
  ]),
  ...mutantsOf('framing', 'http/http1.ts', [
    { check: 'the strict parser', find: 'insecureHTTPParser: false', replace: 'insecureHTTPParser: true' },
  ]),
  ...mutantsOf('framing', 'http/http1Connection.ts', [
    {
      check: 'nothing behind a connection that ends',
      find: 'if (last === null || !last.response.writableFinished || !last.response.shouldKeepAlive) {',
      replace: 'if (last === null) {',
    },
  ]),
]

const headers: Mutant[] = [
  ...mutantsOf('headers', 'forward/headerRules.ts', [
    { check: 'identity headers of the client', find: ' || identity.has(name)', small: true },
    { check: 'headers that only a front may set', find: 'dropped.has(name)', replace: 'false' },
    { check: 'underscores', find: ".replaceAll(/[^a-z0-9]/g, '-')" },
    {
      check: 'families of headers',
      find: "droppedPrefixes.some((prefix) => name.startsWith(prefix)) ? 'drop' : 'pass'",
      replace: "'pass'",
    },
  ]),
  ...mutantsOf('headers', 'forward/requestHeaders.ts', [
    { check: 'headers that Connection nominates', find: 'removed?.has(name)', replace: 'false' },
    {
      check: 'credentials stay at the gateway',
      find: 'if (credentials.length > 0 && holdsCredential(name, credentials, rules)) continue',
      small: true,
    },
  ]),
  ...mutantsOf('headers', 'gateway/clientAddress.ts', [
    {
      check: 'X-Forwarded-For of a peer that nobody trusts',
      find: 'if (first === null || !inAnyRange(first, trusted)) return { address: peer, forwardedFor: direct }',
      replace: 'if (values === undefined) return { address: peer, forwardedFor: direct }',
    },
    { check: 'the first hop that nobody trusts ends the walk', find: 'if (!inAnyRange(hop, trusted)) break' },
  ]),
  ...mutantsOf('headers', 'gateway/form.ts', [
    { check: 'bytes beyond ASCII in values', find: ' || !fieldValue.test(value)' },
    {
      check: 'the number of lines',
      find: "if (rawHeaders.length > 2 * formLimits.headerLines) return 'headers-too-large'",
    },
  ]),
  ...mutantsOf('headers', 'gateway/candidate.ts', [
    {
      check: 'every value of a repeated header',
      find: "(values.length === 1 ? values[0] : values.join(', ')) !== value",
      replace: '!values.includes(value)',
    },
  ]),
  ...mutantsOf('headers', 'http/handler.ts', [
    {
      check: 'upgrades',
      find: "if (headers.upgrade !== undefined && headers.upgrade.toLowerCase() !== 'h2c') return 'not-implemented'",
    },
    { check: 'expectations', find: "return 'expectation-failed'", replace: 'return null' },
  ]),
]

/** What a request looks like: path, host, framing, headers. */
export const requestMutants: readonly Mutant[] = [...form, ...framing, ...headers]
