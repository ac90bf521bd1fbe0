import { mkdir, readFile, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClusterNode } from '../cluster/clusterNode.ts'
import { containerdSocket } from '../cluster/nodeConfiguration.ts'

const root = join(import.meta.dirname, '..', '..')

/** The shell commands of a guide, block by block, as a reader copies them. */
export async function guideBlocks(file: string): Promise<readonly string[]> {
  const text = await readFile(join(root, file), 'utf8')
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
}

const marker = '### block'

/**
 * Runs blocks on the node, in one shell, as a reader does: the first command that fails ends it.
 *
 * @returns what each block printed on standard output
 */
export async function runBlocks(node: ClusterNode, blocks: readonly string[]): Promise<readonly string[]> {
  const folder = join(node.handle.folder, 'guide')
  const { kubectl, helm, ctr } = node.handle.binaries
  await mkdir(join(folder, 'bin'), { recursive: true })
  for (const [name, target] of Object.entries({ kubectl, helm, ctr })) await symlink(target, join(folder, 'bin', name))
  // The reader's clone, but for the folder that the guide makes in it.
  for (const name of ['charts', 'cli', 'examples', 'node_modules', 'test'])
    await symlink(join(root, name), join(folder, name))
  const script = [
    'set -euo pipefail',
    "trap 'kill $(jobs -p) 2>/dev/null' EXIT",
    `cd ${folder}`,
    `export PATH=${join(folder, 'bin')}:$PATH CONTAINERD_ADDRESS=${containerdSocket}`,
    ...blocks.flatMap((block, index) => [`echo "${marker} ${index}"`, block]),
  ].join('\n')
  try {
    const { stdout } = await node.inside(['bash', '-c', script])
    return stdout.split(new RegExp(`^${marker} \\d+$`, 'm')).slice(1)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
