import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How a program is built: the Go module that pins it, and every flag that changes what comes out. */
export interface Recipe {
  /** Folder beside this file with a go.mod. */
  readonly module: string
  /** Import path, or `.` or `./NAME` for a program whose source is in the folder itself. */
  readonly package: string
  readonly ldflags: string
  readonly tags: string
  /** Whether it needs a C compiler, and the libraries that its C parts are linked with. */
  readonly cgo: boolean
}

export const moduleFolder = (module: string): string => join(import.meta.dirname, module)

/** The version that a module's go.mod pins for one of its dependencies, with its `v`. */
function pinned(module: string, dependency: string): string {
  const lines = readFileSync(join(moduleFolder(module), 'go.mod'), 'utf8').split('\n')
  const version = lines.map((line) => line.trim().split(' ')).find(([path]) => path === dependency)?.[1]
  if (version === undefined) throw new Error(`test/cluster/${module}/go.mod does not pin ${dependency}`)
  return version
}

const plain = { ldflags: '-s -w', tags: '', cgo: false } as const

/** Without its version linked in, a program calls itself v0.0.0-master, which no chart's kubeVersion matches. */
function kubernetesFlags(): string {
  const version = pinned('kubernetes', 'k8s.io/kubernetes')
  const [major = '', minor = ''] = version.slice(1).split('.')
  const stamp = '-X k8s.io/component-base/version'
  return `-s -w ${stamp}.gitVersion=${version} ${stamp}.gitMajor=${major} ${stamp}.gitMinor=${minor}`
}

const kubernetes = (name: string): Recipe => ({
  ...plain,
  module: 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
  ldflags: kubernetesFlags(),
})

const containerdPath = 'github.com/containerd/containerd/v2'

const containerd = (name: string): Recipe => ({
  module: 'containerd',
  package: `${containerdPath}/cmd/${name}`,
  ldflags: `-s -w -X ${containerdPath}/version.Version=${pinned('containerd', containerdPath)}`,
  // Snapshotters that the tests do not use, some of which need C libraries.
  tags: 'no_btrfs no_aufs no_zfs no_devmapper no_tracing',
  cgo: false,
})

const plugin = (path: string): Recipe => ({
  ...plain,
  module: 'cni',
  package: `github.com/containernetworking/plugins/plugins/${path}`,
})

const own = (name: string): Recipe => ({ ...plain, module: 'programs', package: `./${name}` })

/** Every program of a cluster under test, and of other tests that need Go, by the name of its file. */
export const recipes = {
  etcd: { ...plain, module: 'etcd', package: 'go.etcd.io/etcd/server/v3' },
  'kube-apiserver': kubernetes('kube-apiserver'),
  kubectl: kubernetes('kubectl'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  'kube-proxy': kubernetes('kube-proxy'),
  kubelet: kubernetes('kubelet'),
  helm: { ...plain, module: 'helm', package: 'helm.sh/helm/v4/cmd/helm' },
  containerd: containerd('containerd'),
  'containerd-shim-runc-v2': containerd('containerd-shim-runc-v2'),
  ctr: containerd('ctr'),
  // Entering a container's namespaces, and its seccomp filter, are C.
  runc: { ...plain, module: 'containerd', package: 'github.com/opencontainers/runc', tags: 'seccomp', cgo: true },
  coredns: { ...plain, module: 'coredns', package: '.' },
  bridge: plugin('main/bridge'),
  loopback: plugin('main/loopback'),
  'host-local': plugin('ipam/host-local'),
  portmap: plugin('meta/portmap'),
  h2spec: { ...plain, module: 'h2spec', package: 'github.com/summerwind/h2spec/cmd/h2spec' },
  pause: own('pause'),
  echo: own('echo'),
} as const satisfies Readonly<Record<string, Recipe>>

/** The programs that the tests build and run. */
export type ClusterBinary = keyof typeof recipes
