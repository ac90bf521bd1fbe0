import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { kubeconfigPath } from './nodeCredentials.ts'
import { nodeName, nodeNetwork } from './nodeNetwork.ts'

/** Where containerd listens, in the sandbox. */
export const containerdSocket = '/run/containerd/containerd.sock'

/** What pods are held by; containerd must not clear it away. */
export const pauseImage = 'localhost/pause:1'

/** Folders of the sandbox's own memory, made by `sandbox/init.sh`. */
export const memory = { etcd: '/run/node/etcd', kubelet: '/run/node/kubelet' } as const

const containerd = (folder: string, plugins: string, runc: string): string => `version = 3
root = "/run/node/containerd"
state = "/run/containerd"
disabled_plugins = ["io.containerd.nri.v1.nri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "${containerdSocket}"
[plugins.'io.containerd.cri.v1.images']
  snapshotter = "overlayfs"
  [plugins.'io.containerd.cri.v1.images'.pinned_images]
    sandbox = "${pauseImage}"
[plugins.'io.containerd.cri.v1.runtime']
  # A score is not lowered: that needs a capability which root may lack.
  restrict_oom_score_adj = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ["${plugins}"]
    conf_dir = "${join(folder, 'cni')}"
  [plugins.'io.containerd.cri.v1.runtime'.containerd]
    default_runtime_name = "runc"
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
        BinaryName = "${runc}"
        SystemdCgroup = false
`

const podNetwork = {
  cniVersion: '1.0.0',
  name: 'pods',
  plugins: [
    {
      type: 'bridge',
      bridge: 'cni0',
      isGateway: true,
      hairpinMode: true,
      ipMasq: false,
      ipam: {
        type: 'host-local',
        dataDir: '/run/node/cni',
        ranges: [[{ subnet: nodeNetwork.pods }]],
        routes: [{ dst: '0.0.0.0/0' }],
      },
    },
    { type: 'portmap', backend: 'nftables', snat: true, capabilities: { portMappings: true } },
  ],
}

const kubelet = (folder: string): object => ({
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  failCgroupV1: false,
  cgroupDriver: 'cgroupfs',
  containerRuntimeEndpoint: `unix://${containerdSocket}`,
  authentication: {
    anonymous: { enabled: false },
    x509: { clientCAFile: join(folder, 'ca.crt') },
    webhook: { enabled: true },
  },
  authorization: { mode: 'Webhook' },
  tlsCertFile: join(folder, 'node.crt'),
  tlsPrivateKeyFile: join(folder, 'node.key'),
  oomScoreAdj: 0,
  makeIPTablesUtilChains: false,
  resolvConf: '',
  clusterDNS: [nodeNetwork.dns],
  clusterDomain: 'cluster.local',
  podLogsDir: '/var/log/pods',
  volumePluginDir: '/run/node/plugins',
  seccompDefault: true,
  imageGCHighThresholdPercent: 100,
  evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
})

const proxy = (folder: string): object => ({
  apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
  kind: 'KubeProxyConfiguration',
  mode: 'nftables',
  clientConnection: { kubeconfig: kubeconfigPath(folder, 'proxy') },
  clusterCIDR: nodeNetwork.pods,
  hostnameOverride: nodeName,
  oomScoreAdj: 0,
  // A change of endpoints is seen at once, not within a second.
  nftables: { minSyncPeriod: '50ms', syncPeriod: '30s' },
  // Those settings are the whole machine's.
  conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
})

/** Writes the files that containerd, CNI, kubelet and kube-proxy are configured by. */
export async function writeNodeConfiguration(
  folder: string,
  programs: { readonly bridge: string; readonly runc: string },
): Promise<void> {
  await mkdir(join(folder, 'cni'))
  await writeFile(join(folder, 'containerd.toml'), containerd(folder, dirname(programs.bridge), programs.runc))
  await writeFile(join(folder, 'cni', '10-pods.conflist'), JSON.stringify(podNetwork))
  // JSON is YAML.
  await writeFile(join(folder, 'kubelet.yaml'), JSON.stringify(kubelet(folder)))
  await writeFile(join(folder, 'proxy.yaml'), JSON.stringify(proxy(folder)))
}
