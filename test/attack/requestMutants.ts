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
      find: 'if (other !== null && (other.broken || other.destination !== found.destination)) return false',
    },
    { check: 'another way to write the path of a rule', find: "if (found.echo) return 'bad-path'" },
  ]),
  ...mutantsOf('path', 'policy/paths.ts', [
    { check: 'a path that is decoded, and keeps its parameters', find: '[whole, bare, ', replace: '[bare, ' },
    { check: 'a path that loses its parameters before it is decoded', find: ', decodedOnce(bare)]', replace: ']' },
  ]),
  ...mutantsOf('path', 'gateway/candidate.ts', [
    { check: 'methods of a match', find: 'methodMatches(one.match.methods, search.asked.method) &&\n' },
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
  ...mutantsOf('desync', 'http/http1.ts', [
    { check: 'the strict parser', find: 'insecureHTTPParser: false', replace: 'insecureHTTPParser: true' },
  ]),
  ...mutantsOf('desync', 'gateway/form.ts', [
    { check: 'codings other than chunked', find: 'return !chunked || ', replace: 'return ' },
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
  ]),
  ...mutantsOf('headers', '../contract/reservedHeaders.ts', [
    { check: 'headers that only a front may set', find: 'ofRequests.has(name)', replace: 'false' },
    { check: 'underscores', find: ".replaceAll(/[^a-z0-9]/g, '-')" },
    {
      check: 'families of headers',
      find: 'prefixesOfRequests.some((prefix) => name.startsWith(prefix))',
      replace: 'false',
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
    { check: 'the first hop that nobody trusts ends the walk', find: 'if (!inAnyRange(hop, trusted)) break' },
  ]),
  ...mutantsOf('door', 'http/doorway.ts', [
    { check: 'connections to a port', find: 'this.#open >= max', replace: 'false' },
    { check: 'connections of a client', find: 'held >= Math.min(...bounds)', replace: 'false', small: true },
    { check: 'whose connection it is', find: "if (address === '') {", replace: "if (address === 'nobody') {" },
    {
      check: 'PROXY headers of a peer that nobody trusts',
      find: '!rules.every(({ trusted }) => isIn(address, trusted))',
      replace: 'false',
    },
  ]),
  ...mutantsOf('clientAddress', 'gateway/clientAddress.ts', [
    { check: 'the word of a peer that nobody trusts', find: ' || !inAnyRange(first, trusted)' },
    {
      check: 'an address of the cluster tells nothing',
      find: 'address: shared ? null : peer',
      replace: 'address: peer',
      small: true,
    },
    {
      check: 'only the named field is believed',
      find: 'headers.get(field)',
      replace: "headers.get('x-forwarded-for')",
    },
  ]),
  ...mutantsOf('clientAddress', 'policy/sourceAddresses.ts', [
    { check: 'an unknown address passes no list', find: 'address === null || ' },
  ]),
  ...mutantsOf('headers', 'gateway/form.ts', [
    { check: 'bytes beyond ASCII in values', find: ' || !fieldValue.test(value)' },
    {
      check: 'the number of lines',
      find: "if (rawHeaders.length > 2 * formLimits.headerLines) return 'headers-too-large'",
    },
  ]),
  ...mutantsOf('webSocket', 'policy/webSocket.ts', [
    {
      check: 'only a WebSocket is opened, by GET and HTTP/1.1',
      find: "method !== 'GET' || httpVersion !== '1.1' || ",
    },
    { check: 'a WebSocket is opened as its RFC has it', find: 'asks && opens && ' },
    {
      check: 'a request for a WebSocket has no body',
      find: " && !headers.has('content-length') && !headers.has('transfer-encoding')",
    },
  ]),
  ...mutantsOf('webSocket', 'gateway/admit.ts', [
    {
      check: 'WebSockets only where the rule names them',
      find: ' && !mayUpgrade(plan.action)',
      replace: ' && false',
      small: true,
    },
  ]),
  ...mutantsOf('webSocket', 'forward/exchange.ts', [
    {
      check: 'the backend has read the request as one for a WebSocket',
      find: "!isWebSocket || headers['sec-websocket-accept'] !== acceptOf(webSocketKey) || ",
    },
  ]),
  ...mutantsOf('webSocket', 'http/http1.ts', [
    {
      check: 'nothing leaves HTTP behind a request that is being answered',
      find: 'if (connection === undefined || connection.serving !== null) socket.destroy()\n      else this.#serve(connection, request, upgradable',
      replace: 'if (connection === undefined) socket.destroy()\n      else this.#serve(connection, request, upgradable',
    },
  ]),
  ...mutantsOf('headers', 'http/handler.ts', [
    { check: 'expectations', find: "return 'expectation-failed'", replace: 'return null' },
  ]),
]

const matching: Mutant[] = [
  ...mutantsOf('matching', 'gateway/candidate.ts', [
    {
      check: 'parameters of a match',
      find: 'allOf(one.parameters, parameterHolds, search)',
      replace: 'true',
    },
    { check: 'headers of a match', find: 'allOf(one.headers, headerHolds, search)', replace: 'true' },
  ]),
  ...mutantsOf('matching', 'gateway/router.ts', [
    {
      check: 'all readers of the query agree',
      find: "if (!hasPlainQuery(found, search)) return 'ambiguous-query'",
      small: true,
    },
    { check: 'all readers of a header agree', find: "if (!hasPlainHeaders(found, search)) return 'ambiguous-header'" },
    { check: 'the cost of expressions', find: "if (search.work < 0) return 'route-too-costly'" },
    {
      check: 'what nobody understands stays closed',
      find: "if (findMatch(paths, path, search) !== found) return 'config-invalid'",
    },
  ]),
  ...mutantsOf('matching', 'gateway/valueTest.ts', [
    { check: 'each line of a header', find: ' || reading.lines.some((line) => holds(test, line, search))' },
    { check: 'other names of a header', find: 'reading.byName.size === 1 && ' },
    { check: 'values that readers mend', find: 'reading.malformed || ' },
    {
      check: 'more parameters than all readers take',
      find: 'if (parameters === null) return true',
      replace: 'if (parameters === null) return false',
    },
    { check: 'the name of a parameter', find: ' && reading.name === name' },
    { check: 'a parameter that is there once', find: 'reading.plain && ' },
  ]),
  ...mutantsOf('matching', 'policy/parameterReadings.ts', [
    { check: 'names in brackets', find: 'mended(bracketedName(name) ?? name)', replace: 'mended(name)' },
    { check: 'capitals in names', find: '.toLowerCase()' },
    { check: 'spaces around names', find: '.trim()' },
    {
      check: 'semicolons between parameters',
      find: 'if (pieces.length > 1) for',
      replace: 'if (pieces.length > 99) for',
    },
  ]),
  ...mutantsOf('matching', 'policy/headerReadings.ts', [
    { check: 'names as CGI writes them', find: ' || odd.test(name)) doubtful', replace: ') doubtful' },
  ]),
]

const listeners: Mutant[] = [
  ...mutantsOf('listeners', 'gateway/connectionFit.ts', [
    {
      check: 'the listener of the host',
      find: "socket.select(host)?.listener ?? 'no-route'",
      replace: "socket.select(null)?.listener ?? 'no-route'",
    },
  ]),
  ...mutantsOf('listeners', 'gateway/listenerViews.ts', [
    {
      check: 'whom the listener of the host believes',
      find: 'sharing.length === 1 ? sharing[0]!.trust :',
      replace: 'sharing.length > 0 ? (sharing.find((one) => one.trust.trusted.length > 0) ?? sharing[0]!).trust :',
    },
  ]),
  ...mutantsOf('listeners', 'gateway/admit.ts', [
    {
      check: 'a record names the listener of the host',
      find: 'listener.name === connection.listener ? request : onListener(request, listener.name)',
      replace: 'request',
    },
  ]),
]

/** What a request looks like: path, host, framing, headers, and what routes are told apart by. */
export const requestMutants: readonly Mutant[] = [...form, ...framing, ...headers, ...matching, ...listeners]
