/** One gate: a program that must end with 0. Counts as one check. */
export interface Gate {
  readonly kind: 'gate'
  readonly command: readonly [string, ...string[]]
}

/** One layer of tests: a project of vitest.config.ts. Counts as many checks as it has tests. */
export interface Layer {
  readonly kind: 'layer'
  /** What the layer needs beyond Node, npm, git and make; null = nothing. */
  readonly needs: string | null
  /** A program that runs the layer as its arguments; null = it is run as it is. */
  readonly within: string | null
}

export type Step = Gate | Layer

const gate = (...command: [string, ...string[]]): Gate => ({ kind: 'gate', command })
const layer = (needs: string | null = null, within: string | null = null): Layer => ({ kind: 'layer', needs, within })

/** Everything that `make check` runs, in this order. */
export const steps: Readonly<Record<string, Step>> = {
  types: gate('tsc', '-b'),
  oxlint: gate('oxlint', '--type-aware', '--deny-warnings'),
  prettier: gate('prettier', '--check', '--log-level=warn', '.'),
  dependencies: gate(
    'depcruise',
    '--output-type=err',
    'crds',
    'dataplane',
    'controller',
    'cli',
    'test',
    'bench',
    'examples',
    'scripts',
  ),
  knip: gate('knip'),
  lockfile: gate('node', 'scripts/lockfile.ts'),
  words: gate('node', 'scripts/words.ts'),
  generated: gate('node', 'crds/generate.ts', '--check'),
  gates: layer('root (it enters the images): make check'),
  unit: layer(),
  golden: layer(),
  fuzz: layer(),
  wire: layer(),
  store: layer('redis-server (of Debian: redis-tools, under that name): make test-store'),
  attack: layer(),
  dev: layer(),
  swap: gate('node', 'test/load/proof-swap.ts', '--small'),
  leaks: gate('node', 'test/load/proof-leaks.ts', '--small'),
  routes: gate('node', 'test/load/proof-routes.ts', '--small'),
  agreement: gate('node', 'test/load/proof-agreement.ts', '--small'),
  hostile: gate('node', 'test/load/proof-hostile.ts', '--small'),
  resilience: gate('node', 'test/load/proof-resilience.ts', '--small'),
  abuse: gate('node', 'test/load/proof-abuse.ts', '--small'),
  mutants: gate('node', 'test/attack/proof-mutants.ts', '--small'),
  cost: gate('node', 'bench/proof-cost.ts', '--small'),
  bench: gate('node', 'bench/bench.ts', '--small'),
  images: gate('node', 'test/load/proof-images.ts', '--small'),
  charts: layer('Go (it builds helm, etcd and kube-apiserver): make test-charts'),
  apiserver: layer('Go (it builds etcd, kube-apiserver and h2spec): make test-apiserver'),
  e2e: layer('Go, root and iproute2 (it makes a network namespace): make test-e2e', 'test/e2e/namespace.sh'),
  node: layer(
    'Go, root, promtool, redis-server and the Debian packages nftables libseccomp-dev pkg-config gcc iproute2 curl openssl (it starts a kubelet): make test-node',
  ),
}

/** What `make lint`, `make test` and so on stand for. */
export const groups: Readonly<Record<string, readonly string[]>> = {
  lint: ['types', 'oxlint', 'prettier', 'dependencies', 'knip', 'lockfile', 'words'],
  test: [
    'unit',
    'golden',
    'fuzz',
    'wire',
    'attack',
    'dev',
    'swap',
    'leaks',
    'routes',
    'agreement',
    'hostile',
    'resilience',
    'abuse',
  ],
  rest: [
    'types',
    'oxlint',
    'prettier',
    'dependencies',
    'knip',
    'lockfile',
    'words',
    'generated',
    'gates',
    'store',
    'mutants',
    'cost',
    'bench',
    'images',
    'charts',
    'apiserver',
    'e2e',
    'node',
  ],
  check: Object.keys(steps),
}
