import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { apiRequests } from '../../apiserver/apiRequests.ts'
import { installReferenceGrants } from '../../apiserver/crds.ts'
import { startBackend, type Backend } from '../../support/backend.ts'
import { curl, type Answer } from '../curl.ts'
import { startInstallation, type Installation } from '../installation.ts'
import { secretOf } from '../manifests.ts'
import { hostAddress } from '../network.ts'
import type { Probe } from './attempt.ts'
import { credentialOf, ownCertificate, ownKeys } from './callers.ts'
import { everyoneKnown, jwtProvider, mine, policy, service, slice, targets } from './objects.ts'
import { admit, hostile, type Person } from './people.ts'
import { platformObjects, shopObjects } from './platform.ts'
import { openTraps, apiAddress, type Traps } from './traps.ts'
import { watchVerdicts, type Verdicts } from './verdicts.ts'

/** What kubectl said. */
export interface Said {
  readonly status: number
  readonly text: string
}

/** An installation with two tenants and a platform team, each with its own rights. */
export interface World {
  /** Runs kubectl as somebody; the documents are its input. */
  kubectl(person: Person, command: readonly string[], documents?: readonly object[]): Promise<Said>
  /** The same. @throws Error when kubectl refuses */
  must(person: Person, command: readonly string[], documents?: readonly object[]): Promise<void>
  readonly verdicts: Verdicts
  readonly backends: { readonly shop: Backend; readonly other: Backend }
  readonly traps: Traps
  ask(probe: Pick<Probe, 'target' | 'caller' | 'args'>): Promise<Answer>
  close(): Promise<void>
}

const manifest = (documents: readonly object[]): string => documents.map((one) => JSON.stringify(one)).join('\n---\n')

const kubectl = (program: string, kubeconfig: string, command: readonly string[], input: string): Promise<Said> =>
  new Promise((resolve) => {
    const child = execFile(program, ['--kubeconfig', kubeconfig, ...command], (_error, out, err) => {
      resolve({ status: child.exitCode ?? -1, text: out + err })
    })
    child.stdin?.end(input)
  })

/** What only a cluster's own controllers write, and the administrator's part of the installation. */
async function prepare(installation: Installation, shop: Backend, other: Backend): Promise<void> {
  const names = ['*.other.example', '*.lab.example']
  const leaf = await installation.authority.leaf({ commonName: 'other', dnsNames: names })
  await installation.apply([
    secretOf('kubernetes.io/tls', 'other-tls', leaf),
    slice('kubernetes', apiAddress, { namespace: 'default', port: 6443 }),
    slice('orders', hostAddress, { namespace: 'shop', port: shop.port }),
    slice(mine.name, hostAddress, { port: other.port }),
    slice(mine.name, hostAddress, { namespace: hostile.lab, port: other.port }),
  ])
}

const tenantPolicy = policy('tenant', {
  targetRefs: [targets.namespace(hostile.home)],
  authentication: { anyOf: [jwtProvider('login', { jwks: { inline: ownKeys } })] },
  ...everyoneKnown,
})

/** What everybody writes before anybody becomes hostile. */
async function populate(must: World['must']): Promise<void> {
  await must('platform', ['apply', '-f', '-'], platformObjects)
  await must('shop', ['create', '-f', '-'], [service('orders', 'shop'), ...shopObjects])
  const own = [service(mine.name), service(mine.name, hostile.lab), tenantPolicy]
  await must('other', ['create', '-f', '-'], own)
}

/** Starts everything, with one data plane. */
export async function startWorld(): Promise<World> {
  const installation = await startInstallation(1)
  const { api: server, authority } = installation
  const api = apiRequests(server)
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-tenants-'))
  const file = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder, name), content, { mode: 0o600 })
    return join(folder, name)
  }
  const ca = await file('ca.crt', authority.certificate)
  const certificate = ['--cert', await file('own.crt', ownCertificate.certificate)]
  certificate.push('--key', await file('own.key', ownCertificate.privateKey))
  const [shop, other] = await Promise.all([startBackend(undefined, hostAddress), startBackend(undefined, hostAddress)])
  const traps = await openTraps(authority)
  await installReferenceGrants(api)
  const kubeconfigs = await admit(server, api, folder)
  await prepare(installation, shop, other)
  const asPerson: World['kubectl'] = (person, command, documents = []) =>
    kubectl(server.kubectlPath, kubeconfigs[person], command, manifest(documents))
  const must: World['must'] = async (person, command, documents) => {
    const { status, text } = await asPerson(person, command, documents)
    if (status !== 0) throw new Error(text)
  }
  await populate(must)
  const verdicts = watchVerdicts(server.kubectlPath, kubeconfigs.platform)
  return {
    kubectl: asPerson,
    must,
    verdicts,
    backends: { shop, other },
    traps,
    ask: ({ target, caller, args }) =>
      curl(installation.addresses[0]!, ca, `https://${target}`, ...credentialOf(caller, certificate), ...args),
    close: async () => {
      verdicts.close()
      api.close()
      await installation.close()
      await Promise.all([shop.close(), other.close(), traps.close()])
      await rm(folder, { recursive: true })
    },
  }
}
