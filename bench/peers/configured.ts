import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { certificateFiles } from '../certificate.ts'
import { envoyProgram, haproxyProgram, nginxProgram, type Program } from './program.ts'
import { freePorts, startProgram } from './started.ts'
import type { Peer, PeerStart, PeerSurroundings, Skill } from './peer.ts'

interface Kind {
  readonly name: string
  /** In this folder; `${NAME}` in it stands for a value. */
  readonly configuration: string
  readonly program: () => Promise<Program>
  readonly skills: readonly Skill[]
  readonly args: (file: string, folder: string) => readonly string[]
}

const kinds: readonly Kind[] = [
  {
    name: 'envoy',
    configuration: 'envoy.yaml',
    program: envoyProgram,
    skills: ['plain', 'tls', 'policy', 'h2', 'grpc', 'websocket'],
    args: (file) => ['--config-path', file, '--concurrency', '1', '--log-level', 'error', '--disable-hot-restart'],
  },
  {
    name: 'nginx',
    configuration: 'nginx.conf',
    program: nginxProgram,
    skills: ['plain', 'tls', 'h2', 'grpc', 'websocket'],
    args: (file, folder) => ['-p', folder, '-c', file],
  },
  {
    name: 'haproxy',
    configuration: 'haproxy.cfg',
    program: haproxyProgram,
    skills: ['plain', 'tls', 'h2', 'grpc', 'websocket'],
    args: (file) => ['-db', '-f', file],
  },
]

/** Envoy, nginx and haproxy, each by the configuration that lies beside this file. */
export const configuredPeers = (surroundings: PeerSurroundings): readonly PeerStart[] =>
  kinds.map((kind) => ({ name: kind.name, start: () => start(kind, surroundings) }))

async function start(kind: Kind, surroundings: PeerSurroundings): Promise<Peer> {
  const { core, backend, grpc, certificate, issuer, jwks } = surroundings
  const program = await kind.program()
  const [plain = 0, secure = 0] = await freePorts(2)
  const folder = join(surroundings.folder, kind.name)
  await mkdir(folder)
  const [chain, key] = await certificateFiles(folder, certificate)
  const values = {
    PLAIN: String(plain),
    SECURE: String(secure),
    BACKEND: String(backend),
    GRPC: String(grpc),
    FOLDER: folder,
    CERTIFICATE: chain,
    KEY: key,
    CHAIN: join(folder, 'both.pem'),
    ISSUER: issuer,
    JWKS: jwks,
  } as const
  await writeFile(values.CHAIN, `${certificate.certificate}\n${certificate.privateKey}`)
  const valueOf = (name: string): string => Object.entries(values).find(([known]) => known === name)?.[1] ?? ''
  const template = await readFile(new URL(kind.configuration, import.meta.url), 'utf8')
  const file = join(folder, kind.configuration)
  await writeFile(
    file,
    template.replaceAll(/\$\{([A-Z]+)\}/g, (_match, name: string) => valueOf(name)),
  )
  const started = await startProgram(program, kind.args(file, folder), { core, ports: [plain, secure] })
  return {
    name: kind.name,
    version: program.version,
    skills: new Set(kind.skills),
    pid: started.pid,
    ports: { plain, secure },
    close: () => started.close(),
  }
}
