import { join } from 'node:path'
import { containerdSocket, memory } from './nodeConfiguration.ts'
import { kubeconfigPath, type Identity } from './nodeCredentials.ts'
import { nodeName, nodeNetwork } from './nodeNetwork.ts'

/** The programs of a node that run for as long as it does. */
export type NodeProgram =
  'etcd' | 'kube-apiserver' | 'containerd' | 'kube-controller-manager' | 'kube-scheduler' | 'kubelet' | 'kube-proxy'

const etcdClient = 'http://127.0.0.1:2379'
const etcdPeer = 'http://127.0.0.1:2380'

const etcd = (): readonly string[] => [
  ...['--data-dir', memory.etcd, '--unsafe-no-fsync', '--log-level', 'warn'],
  ...['--listen-client-urls', etcdClient, '--advertise-client-urls', etcdClient],
  ...['--listen-peer-urls', etcdPeer, '--initial-advertise-peer-urls', etcdPeer],
  ...['--initial-cluster', `default=${etcdPeer}`],
]

const apiServer = (folder: string): readonly string[] => [
  `--etcd-servers=${etcdClient}`,
  ...['--bind-address=0.0.0.0', '--secure-port=6443', `--advertise-address=${nodeNetwork.address}`],
  ...[`--service-cluster-ip-range=${nodeNetwork.services}`, '--external-hostname=localhost'],
  `--tls-cert-file=${join(folder, 'apiserver.crt')}`,
  `--tls-private-key-file=${join(folder, 'apiserver.key')}`,
  `--client-ca-file=${join(folder, 'ca.crt')}`,
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${join(folder, 'sa.pub')}`,
  `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
  ...['--authorization-mode=Node,RBAC', '--enable-admission-plugins=NodeRestriction', '--allow-privileged=true'],
  `--kubelet-client-certificate=${join(folder, 'kubelet-client.crt')}`,
  `--kubelet-client-key=${join(folder, 'kubelet-client.key')}`,
  `--kubelet-certificate-authority=${join(folder, 'ca.crt')}`,
  '--kubelet-preferred-address-types=InternalIP',
]

const client = (folder: string, identity: Identity): string => `--kubeconfig=${kubeconfigPath(folder, identity)}`

/** Command line of each program, without its own name. */
export const nodeArguments: Readonly<Record<NodeProgram, (folder: string) => readonly string[]>> = {
  etcd,
  'kube-apiserver': apiServer,
  containerd: (folder) => ['--config', join(folder, 'containerd.toml'), '--log-level', 'info'],
  'kube-controller-manager': (folder) => [
    client(folder, 'controller-manager'),
    ...['--bind-address=127.0.0.1', '--leader-elect=false', '--use-service-account-credentials=true'],
    `--service-account-private-key-file=${join(folder, 'sa.key')}`,
    `--root-ca-file=${join(folder, 'ca.crt')}`,
  ],
  'kube-scheduler': (folder) => [client(folder, 'scheduler'), '--bind-address=127.0.0.1', '--leader-elect=false'],
  kubelet: (folder) => [
    `--config=${join(folder, 'kubelet.yaml')}`,
    client(folder, 'node'),
    ...[`--root-dir=${memory.kubelet}`, `--hostname-override=${nodeName}`, `--node-ip=${nodeNetwork.address}`],
  ],
  'kube-proxy': (folder) => [`--config=${join(folder, 'proxy.yaml')}`],
}

/** For `ctr`: where containerd listens, and the namespace that kubelet uses. */
export const ctrArguments = ['--address', containerdSocket, '--namespace', 'k8s.io'] as const
