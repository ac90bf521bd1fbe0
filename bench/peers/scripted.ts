import { readFile } from 'node:fs/promises'
import { certificateFiles } from '../certificate.ts'
import { startPortProcess } from '../process.ts'
import type { Peer, PeerStart, PeerSurroundings, Skill } from './peer.ts'

interface Kind {
  readonly name: string
  /** Beside `process.ts`. */
  readonly script: string
  /** The package whose version counts; null = the one of Node. */
  readonly package: string | null
  readonly skills: readonly Skill[]
}

const kinds: readonly Kind[] = [
  { name: 'bare', script: 'bareForwarder.ts', package: null, skills: ['plain', 'tls', 'policy'] },
  {
    name: 'fastify-http-proxy',
    script: 'peers/fastifyProxy.ts',
    package: '@fastify/http-proxy',
    skills: ['plain', 'tls', 'websocket'],
  },
  { name: 'http-proxy', script: 'peers/httpProxy.ts', package: 'http-proxy', skills: ['plain', 'tls', 'websocket'] },
]

/** Proxies on Node, and the bare forwarder, each a script of its own. */
export const scriptedPeers = (surroundings: PeerSurroundings): readonly PeerStart[] =>
  kinds.map((kind) => ({ name: kind.name, start: () => start(kind, surroundings) }))

async function start(kind: Kind, { core, backend, folder, certificate }: PeerSurroundings): Promise<Peer> {
  const args = [`http://127.0.0.1:${backend}`, ...(await certificateFiles(folder, certificate))]
  const { pid, port, second, close } = await startPortProcess(kind.script, core, args)
  if (second === null) throw new Error(`${kind.name} has told no second port`)
  return {
    name: kind.name,
    version: kind.package === null ? process.versions.node : await versionOf(kind.package),
    skills: new Set(kind.skills),
    pid,
    ports: { plain: port, secure: second },
    close: () => Promise.resolve(close()),
  }
}

async function versionOf(name: string): Promise<string> {
  const manifest = await readFile(new URL(`../../node_modules/${name}/package.json`, import.meta.url), 'utf8')
  return (JSON.parse(manifest) as { readonly version: string }).version
}
