import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createAuthority } from '../support/authority.ts'
import { accountKeys } from './accountKeys.ts'
import { auditArguments, auditedIn, auditFiles, type AuditedRequest } from './auditLog.ts'
import { clusterBinaries } from './binaries.ts'
import { startDaemon, type Daemon } from './daemon.ts'
import { freePorts } from './freePorts.ts'
import { kubeconfig } from './kubeconfig.ts'
import { createStateFolder } from './stateFolder.ts'

const run = promisify(execFile)

/** A real kube-apiserver with its own etcd and no controllers, on loopback. */
export interface ApiServer {
  readonly url: string
  /** PEM of the authority of its certificate, and the file that it is in. */
  readonly ca: string
  readonly caFile: string
  /** Bearer token of an administrator. */
  readonly token: string
  readonly kubeconfigPath: string
  readonly kubectlPath: string
  /**
   * Everything that was asked of it so far, in the order of the answers; watches that still run are included.
   *
   * @throws the file system's error unless it was started with an audit log
   */
  audited(): Promise<readonly AuditedRequest[]>
  /** Runs kubectl as an administrator; `input` is its standard input. */
  kubectl(args: readonly string[], input?: string): Promise<{ stdout: string; stderr: string }>
  close(): Promise<void>
}

async function writeCredentials(folder: string, token: string): Promise<string> {
  const authority = await createAuthority('Gatehouse test cluster')
  const serving = await authority.leaf({
    commonName: 'kube-apiserver',
    addresses: ['127.0.0.1', '10.97.0.1'],
    dnsNames: ['localhost', 'kubernetes.default.svc'],
  })
  const files = {
    'ca.crt': authority.certificate,
    'apiserver.crt': serving.certificate,
    'apiserver.key': serving.privateKey,
    ...accountKeys(),
    'tokens.csv': `${token},admin,admin,system:masters\n`,
    ...auditFiles,
  }
  await Promise.all(
    Object.entries(files).map(([name, content]) => writeFile(join(folder, name), content, { mode: 0o600 })),
  )
  return authority.certificate
}

const etcdArguments = (folder: string, client: number, peer: number): readonly string[] => [
  ...['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
  ...['--listen-client-urls', `http://127.0.0.1:${client}`, '--advertise-client-urls', `http://127.0.0.1:${client}`],
  ...['--listen-peer-urls', `http://127.0.0.1:${peer}`, '--initial-advertise-peer-urls', `http://127.0.0.1:${peer}`],
  ...['--initial-cluster', `default=http://127.0.0.1:${peer}`],
]

const serverArguments = (folder: string, port: number, etcd: number): readonly string[] => [
  `--etcd-servers=http://127.0.0.1:${etcd}`,
  ...['--bind-address=127.0.0.1', `--secure-port=${port}`, '--advertise-address=10.97.255.1'],
  '--service-cluster-ip-range=10.97.0.0/16',
  `--tls-cert-file=${join(folder, 'apiserver.crt')}`,
  `--tls-private-key-file=${join(folder, 'apiserver.key')}`,
  `--token-auth-file=${join(folder, 'tokens.csv')}`,
  '--service-account-issuer=https://kubernetes.default.svc',
  `--service-account-key-file=${join(folder, 'sa.pub')}`,
  `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
  '--authorization-mode=RBAC',
  // No controller fills in service accounts here, and nothing runs as one.
  '--disable-admission-plugins=ServiceAccount',
  '--endpoint-reconciler-type=none',
]

const isReady = (url: string, ca: string, token: string): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const asking = request(`${url}/readyz`, { ca, headers: { authorization: `Bearer ${token}` } }, (response) => {
    response.resume()
    response.on('end', () => resolve(response.statusCode === 200))
  })
  asking.on('error', () => resolve(false))
  asking.end()
  return promise
}

async function untilReady(daemons: readonly Daemon[], ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 90_000
  while (!(await ask())) {
    for (const daemon of daemons) daemon.assertRunning()
    if (performance.now() > deadline) throw new Error('kube-apiserver was not ready within 90 s')
    await pause(50)
  }
}

/** Starts etcd and kube-apiserver in a folder of their own; about four seconds once they are built. */
export async function startApiServer({ audit = false } = {}): Promise<ApiServer> {
  const binaries = await clusterBinaries(['etcd', 'kube-apiserver', 'kubectl'])
  const folder = await createStateFolder()
  const token = randomBytes(24).toString('hex')
  const ca = await writeCredentials(folder, token)
  const [port = 0, client = 0, peer = 0] = await freePorts(3)
  const url = `https://127.0.0.1:${port}`
  const kubeconfigPath = join(folder, 'kubeconfig')
  await mkdir(join(folder, 'etcd'), { mode: 0o700 })
  await writeFile(kubeconfigPath, kubeconfig(url, join(folder, 'ca.crt'), { token }), { mode: 0o600 })
  const daemons = [
    startDaemon(binaries.etcd, etcdArguments(folder, client, peer), join(folder, 'etcd.log')),
    startDaemon(
      binaries['kube-apiserver'],
      [...serverArguments(folder, port, client), ...(audit ? auditArguments(folder) : [])],
      join(folder, 'apiserver.log'),
    ),
  ]
  const close = async (): Promise<void> => {
    for (const daemon of daemons.toReversed()) await daemon.close()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await untilReady(daemons, () => isReady(url, ca, token))
  } catch (error) {
    await close()
    throw error
  }
  return {
    url,
    ca,
    caFile: join(folder, 'ca.crt'),
    audited: () => auditedIn(folder),
    token,
    kubeconfigPath,
    kubectlPath: binaries.kubectl,
    kubectl: (args, input) => {
      const running = run(binaries.kubectl, ['--kubeconfig', kubeconfigPath, ...args], { maxBuffer: 64 * 1024 * 1024 })
      running.child.stdin?.end(input ?? '')
      return running
    },
    close,
  }
}
