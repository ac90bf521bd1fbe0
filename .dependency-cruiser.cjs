// The direction rules of docs/architecture.md as an allow-list: one row a folder, and what is not listed is an error.
// Rows are regular expressions over paths from the root; core modules are named without `node:`.
const modules = (...names) => `^node_modules/(${names.join('|')})/`
const core = (...names) => `^(${names.join('|')})$`
/** Only `import type`: the shape of a thing without its code. */
const typesOf = (path) => ({ path, dependencyTypes: ['type-only'] })

const crds = '^crds/src/'
/** Reads what the kubelet mounts for either end of the push channel: not pure, and so an entrance of its own. */
const mounted = '^dataplane/contract/mountedFolder\\.ts$'
const contract = '^dataplane/contract/(?!mountedFolder)'
/** What users write beside fields, made ready to run: pure, and known to whoever checks it and whoever runs it. */
const language = '^dataplane/language/'
const dataplane = '^dataplane/src/'
const controller = '^controller/src/'
const clock = `${dataplane}clock\\.ts$`
/** Which headers only the gateway writes: pure, and imports nothing. */
const headerRules = `${dataplane}forward/headerRules\\.ts$`
/** Arithmetic on IP addresses: pure, and imports nothing. */
const address = `${dataplane}address\\.ts$`
/** Names in certificates: pure, and imports nothing but addresses. */
const certificateNames = `${dataplane}http/subjectAltNames\\.ts$`
/** How quotas count: pure, and imports nothing else. */
const meters = `${dataplane}policy/(meter|calendar|moment)\\.ts$`
/** Work in steps with rests between them, and sorting in such steps: imports nothing else. */
const slices = `${dataplane}(slices|sortedSteps)\\.ts$`

/** What is left of a stream of HTTP/2, either way: imports nothing. */
const endedStream = `${dataplane}endedStream\\.ts$`

const rows = {
  // The two languages know nobody.
  [crds]: [crds, modules('zod')],
  '^crds/[^/]+\\.ts$': ['^crds/', modules('zod', 'yaml'), core('fs', 'path', 'child_process', 'url')],
  '^crds/cases/': ['^crds/'],
  [contract]: [contract, modules('zod'), core('crypto')],
  [language]: [language, modules('re2js')],
  [mounted]: [core('fs/promises', 'path')],

  // The data plane knows the contract, and nothing of Kubernetes.
  [`${dataplane}policy/`]: [
    address,
    typesOf(slices),
    typesOf(headerRules),
    `${dataplane}policy/`,
    contract,
    language,
    modules('jose'),
    core('crypto'),
    typesOf(`${dataplane}(gateway|state)/`),
    typesOf(clock),
  ],
  [`${dataplane}gateway/`]: [
    address,
    slices,
    headerRules,
    `${dataplane}(gateway|policy)/`,
    contract,
    language,
    core('crypto', 'net'),
    typesOf(`${dataplane}state/`),
    typesOf(clock),
  ],
  [`${dataplane}state/`]: [
    address,
    certificateNames,
    endedStream,
    meters,
    `${dataplane}state/`,
    contract,
    modules('undici', 'opossum', 'jose', '@redis'),
    core('crypto', 'net', 'tls', 'http2', 'stream', 'dns', 'dns/promises', 'events', 'timers', 'worker_threads'),
    typesOf(`${dataplane}(gateway|policy)/`),
    typesOf(clock),
  ],
  [`${dataplane}forward/`]: [
    `${dataplane}(forward|state)/`,
    `${dataplane}gateway/(refusal|admit|answerRules|facts|pathEdit)\\.ts$`,
    `${dataplane}policy/(bodyCheck|cookieString|webSocket)\\.ts$`,
    `${dataplane}http/problem\\.ts$`,
    contract,
    modules('undici', 'opossum'),
    core('crypto', 'http', 'net', 'stream'),
    typesOf(`${dataplane}(gateway|policy|telemetry)/`),
    typesOf(clock),
  ],
  [`${dataplane}http/`]: [
    address,
    slices,
    endedStream,
    `${dataplane}(http|forward|gateway)/`,
    contract,
    modules('fastify'),
    core('crypto', 'http', 'http2', 'https', 'net', 'tls', 'stream'),
    typesOf(`${dataplane}(policy|state|telemetry)/`),
    typesOf(language),
    typesOf(clock),
  ],
  // The same decisions for people who ask beforehand, and what a store has counted for those who ask later.
  [`${dataplane}explain/`]: [
    address,
    `${dataplane}(explain|gateway|policy|state)/`,
    `${dataplane}http/clientCertificate\\.ts$`,
    contract,
    core('crypto'),
    typesOf(clock),
  ],
  [`${dataplane}sync/`]: [
    `${dataplane}sync/`,
    slices,
    contract,
    mounted,
    modules('ws'),
    core('crypto', 'dns/promises', 'fs', 'fs/promises', 'net', 'path', 'tls'),
    typesOf(clock),
  ],
  [`${dataplane}telemetry/`]: [
    `${dataplane}telemetry/`,
    `${dataplane}gateway/refusal\\.ts$`,
    contract,
    modules('prom-client', 'fastify'),
    core('fs', 'http', 'net', 'stream'),
    typesOf(`${dataplane}(gateway|policy|state|forward|sync)/`),
    typesOf(clock),
  ],
  [`${dataplane}[^/]+\\.ts$`]: [
    dataplane,
    contract,
    language,
    modules('zod', 'fastify'),
    core('crypto', 'fs', 'os', 'path', 'v8', 'vm', 'worker_threads'),
  ],

  // The controller knows both languages; compile/ and world are pure, and only kube/ has a client.
  [`${controller}compile/`]: [
    `${controller}(compile/|world\\.ts$)`,
    contract,
    language,
    crds,
    modules('zod'),
    core('crypto'),
  ],
  [`${controller}world\\.ts$`]: [contract, crds],
  [`${controller}status/`]: [
    `${controller}(status|compile)/`,
    contract,
    crds,
    `${controller}(world|microTime)\\.ts$`,
    core('crypto', 'timers/promises'),
    typesOf(`${controller}(clock\\.ts$|push/|kube/)`),
  ],
  [`${controller}push/`]: [
    `${controller}push/`,
    contract,
    mounted,
    modules('ws'),
    core('crypto', 'events', 'http', 'https', 'net', 'stream', 'tls'),
    typesOf(`${controller}compile/`),
  ],
  // The keeper of the push channel's certificates: its client is a parameter.
  [`${controller}certs/`]: [
    `${controller}(certs/|(log|world)\\.ts$|compile/(destinations|storeLogins|tokenKeys)\\.ts$)`,
    contract,
    modules('@peculiar/x509', 'reflect-metadata'),
    core('crypto'),
    typesOf(`${controller}(clock\\.ts$|kube/)`),
  ],
  [`${controller}kube/`]: [
    `${controller}(kube/|(world|microTime)\\.ts$|compile/(memo|raw|worldOf)\\.ts$)`,
    contract,
    crds,
    modules('@kubernetes/client-node', 'undici'),
    core('https', 'tls'),
    // The elector is one of those who say whether to push.
    typesOf(`${controller}(clock\\.ts$|compile/|status/|push/authority\\.ts$)`),
  ],
  [`${controller}[^/]+\\.ts$`]: [
    controller,
    contract,
    crds,
    modules('zod', 'fastify', 'prom-client'),
    core('crypto', 'fs', 'fs/promises', 'net', 'os', 'path'),
  ],

  // The command line, tests and benchmarks may know all.
  '^cli/': ['^(cli|crds|dataplane|controller)/', '^node_modules/', core('[a-z_/]+')],
  '^(test|bench|scripts|examples)/|(Fixture|\\.test)\\.ts$|^vitest\\.config\\.ts$': [
    '^(cli|crds|dataplane|controller|test|bench|scripts|examples)/',
    '^node_modules/',
    core('[a-z0-9_/]+'),
  ],
}

const row = (from, to) => ({ from: { path: from }, to: typeof to === 'string' ? { path: to } : to })

module.exports = {
  allowed: Object.entries(rows).flatMap(([from, targets]) => targets.map((to) => row(from, to))),
  allowedSeverity: 'error',
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Modules that need each other to run cannot be read one at a time. Types may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-unresolved', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'no-tests-in-code',
      comment: 'Code that runs must not import code that tests.',
      severity: 'error',
      from: { path: '^(cli|crds|dataplane|controller)/', pathNot: '(Fixture|\\.test)\\.ts$' },
      to: { path: '^test/|(Fixture|\\.test)\\.ts$|^node_modules/vitest/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.js'],
    },
  },
}
