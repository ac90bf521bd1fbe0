import { execFile, spawn, type ChildProcess, type StdioOptions } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { allBinaries, clusterBinaries } from './binaries.ts'
import { startDaemon, type Daemon } from './daemon.ts'
import { writeNodeConfiguration } from './nodeConfiguration.ts'
import { kubeconfigPath, writeNodeCredentials } from './nodeCredentials.ts'
import { writeNodeImages } from './nodeImages.ts'
import { nodeName, nodeNetwork } from './nodeNetwork.ts'
import { ctrArguments, nodeArguments, type NodeProgram } from './nodePrograms.ts'
import type { ClusterBinary } from './recipes.ts'
import { insideCommand, startSandbox, type SandboxHandle } from './sandbox.ts'

const run = promisify(execFile)

/** What a program said that ended with 0. */
export interface Output {
  readonly stdout: string
  readonly stderr: string
}

/** What another process needs to use a node: JSON. */
export interface NodeHandle extends SandboxHandle {
  readonly binaries: Readonly<Record<ClusterBinary, string>>
}

/**
 * A real Kubernetes cluster of one node, in namespaces of its own: nothing outside can reach it but through these
 * functions. Programs that end with another status than 0 make them reject with an error that has `stdout`, `stderr`
 * and `code`.
 */
export interface ClusterNode {
  readonly handle: NodeHandle
  /** Path of an administrator's kubeconfig; its address is one inside. */
  readonly kubeconfig: string
  /** Runs kubectl as an administrator. */
  kubectl(args: readonly string[], input?: string): Promise<Output>
  /** Applies manifests as a user would. */
  apply(documents: readonly object[]): Promise<void>
  helm(args: readonly string[], input?: string): Promise<Output>
  /** Runs a program of the machine on the node: it sees addresses of pods and Services, and names of Services. */
  inside(command: readonly string[], input?: string): Promise<Output>
  /** Starts a program on the node that runs until it is killed or the node is closed, such as a port-forward. */
  spawn(command: readonly string[], stdio?: StdioOptions): ChildProcess
  /** Loads an OCI archive; its images can be used with `imagePullPolicy: Never`. */
  importImage(archive: string): Promise<void>
}

/** A node of this process's own. */
export interface OwnNode extends ClusterNode {
  /** Ends the node and everything on it. */
  close(): Promise<void>
}

export interface NodeOptions {
  /** OCI archives to load besides those of the cluster's own images and `echoImage`. */
  readonly images?: readonly string[]
}

/** Uses a node that runs already. */
export function openNode(handle: NodeHandle): ClusterNode {
  const { binaries, folder } = handle
  const kubeconfig = kubeconfigPath(folder, 'admin')
  // Neither reads nor writes what the developer's own clients keep at home.
  const env = { ...process.env, HOME: join(folder, 'home'), KUBECONFIG: kubeconfig }
  const inside = async (command: readonly string[], input = ''): Promise<Output> => {
    const [program, args] = insideCommand(handle, command)
    const running = run(program, [...args], { env, maxBuffer: 64 * 1024 * 1024 })
    // A program may end without reading all that it is given.
    running.child.stdin?.on('error', () => undefined).end(input)
    return await running.catch((error: Output & { readonly code: unknown }) => {
      const { stdout, stderr, code } = error
      throw Object.assign(new Error(`${command.join(' ')} failed: ${stderr || stdout}`), { stdout, stderr, code })
    })
  }
  const kubectl: ClusterNode['kubectl'] = (args, input) => inside([binaries.kubectl, ...args], input)
  return {
    handle,
    kubeconfig,
    inside,
    kubectl,
    apply: async (documents) => {
      await kubectl(['apply', '-f', '-'], documents.map((document) => JSON.stringify(document)).join('\n---\n'))
    },
    helm: (args, input) => inside([binaries.helm, ...args], input),
    spawn: (command, stdio = ['ignore', 'pipe', 'pipe']) => {
      const [program, args] = insideCommand(handle, command)
      return spawn(program, args, { env, stdio })
    },
    importImage: async (archive) => {
      await inside([binaries.ctr, ...ctrArguments, 'images', 'import', archive])
    },
  }
}

type Start = (program: NodeProgram) => void

/** Waits for something of the node, for as long as its programs run. */
async function until(what: string, daemons: readonly Daemon[], ask: () => Promise<unknown>): Promise<void> {
  const deadline = performance.now() + 120_000
  const failure = (): Promise<unknown> =>
    ask().then(
      () => null,
      (error: unknown) => error,
    )
  for (let error = await failure(); error !== null; error = await failure()) {
    for (const daemon of daemons) daemon.assertRunning()
    if (performance.now() > deadline) throw new Error(`${what} within 120 s`, { cause: error })
    await pause(50)
  }
}

/** The end of each program's log. */
async function lastLines(folder: string): Promise<string> {
  const files = (await readdir(join(folder, 'log'))).filter((name) => name.endsWith('.log'))
  const ends = files.map(
    async (name) => `${name}:\n${(await readFile(join(folder, 'log', name), 'utf8')).slice(-1500)}`,
  )
  return (await Promise.all(ends)).join('\n')
}

async function startImages(node: ClusterNode, daemons: readonly Daemon[], images: readonly string[]): Promise<void> {
  const { binaries, folder } = node.handle
  const archives = [...writeNodeImages(folder, binaries), ...images]
  await until('containerd does not answer', daemons, () => node.inside([binaries.ctr, ...ctrArguments, 'version']))
  for (const archive of archives) await node.importImage(archive)
}

/** In the order in which they need each other. */
async function startCluster(
  node: ClusterNode,
  daemons: readonly Daemon[],
  start: Start,
  images: readonly string[],
): Promise<void> {
  const { folder } = node.handle
  await writeNodeConfiguration(folder, node.handle.binaries)
  start('containerd')
  const loading = startImages(node, daemons, images)
  const serving = async (): Promise<void> => {
    await writeNodeCredentials(folder)
    start('etcd')
    start('kube-apiserver')
    await until('kube-apiserver is not ready', daemons, () => node.kubectl(['get', '--raw', '/readyz']))
    start('kube-controller-manager')
    start('kube-scheduler')
    start('kube-proxy')
    await node.kubectl(['apply', '-f', '-'], await readFile(join(import.meta.dirname, 'dns.yaml'), 'utf8'))
  }
  await Promise.all([loading, serving()])
  // Its first look for images and pods finds all that there is.
  start('kubelet')
  await until('the node is not registered', daemons, () => node.kubectl(['get', 'node', nodeName]))
  await node.kubectl(['wait', '--for=condition=Ready', `node/${nodeName}`, '--timeout=120s'])
  await until('there is no ServiceAccount', daemons, () => node.kubectl(['get', 'serviceaccount', 'default']))
  await node.kubectl(['-n', 'kube-system', 'rollout', 'status', 'deployment/coredns', '--timeout=120s'])
}

const commands = ['unshare', 'nsenter', 'setpriv', 'ip', 'nft', 'mount', 'bash']

/** @throws with what is missing */
function assertPossible(): void {
  if (process.getuid?.() !== 0) throw new Error('a node needs root, to make namespaces and cgroups')
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const missing = commands.filter((command) => !folders.some((folder) => existsSync(join(folder, command))))
  if (missing.length > 0) throw new Error(`a node needs ${missing.join(', ')}: Debian's iproute2, nftables, util-linux`)
}

/**
 * Starts a cluster of one node and waits until it can run pods and answer names. It ends with this process, however
 * that ends.
 *
 * @throws when the machine lacks something, or a program ends or does not get ready
 */
export async function startNode({ images = [] }: NodeOptions = {}): Promise<OwnNode> {
  assertPossible()
  const binaries = await clusterBinaries(allBinaries)
  const sandbox = await startSandbox({
    hostname: nodeName,
    address: nodeNetwork.address,
    dns: nodeNetwork.dns,
  })
  const { pid, cgroups, folder } = sandbox
  const node = openNode({ pid, cgroups, folder, binaries })
  const daemons: Daemon[] = []
  // containerd looks for its shim there, and CNI's plugins for nft.
  const path = [dirname(binaries.containerd), process.env['PATH'] ?? ''].join(delimiter)
  const start: Start = (name) => {
    const command = ['env', `PATH=${path}`, binaries[name], ...nodeArguments[name](folder)]
    daemons.push(startDaemon(...insideCommand(sandbox, command), join(folder, 'log', `${name}.log`)))
  }
  try {
    await mkdir(join(folder, 'home'))
    await startCluster(node, daemons, start, images)
  } catch (error) {
    const logs = await lastLines(folder)
    await sandbox.close()
    throw new Error(`the node did not start; its programs said last:\n${logs}`, { cause: error })
  }
  return { ...node, close: () => sandbox.close() }
}
