import {
  compile,
  objectKey,
  reasons,
  worldOf,
  type Ages,
  type Compilation,
  type CompileOptions,
  type Finding,
  type ParentVerdict,
  type Verdict,
  type World,
} from '@gatehouse/controller'
import type { Json } from '@gatehouse/crds'
import { candidates, installationsOf, type Candidate } from './standIn.ts'

const options: CompileOptions = {
  address: '127.0.0.1',
  listen: { HTTP: null, HTTPS: null },
  upstreams: new Map(),
  deniedAddresses: [],
  folder: true,
}

/** What can be said about the objects of a folder. */
export interface FolderVerdicts {
  /** By kind and key, as in `GatewayRoute shop/orders`. */
  readonly findings: ReadonlyMap<string, readonly Finding[]>
  readonly compilations: readonly Compilation[]
}

const isGatehouse = (document: Json): boolean =>
  typeof document === 'object' && document !== null && 'kind' in document && document.kind === 'Gatehouse'

/** What comes of documents for one installation. @param ages - how old the objects are */
export function compiled({ key, standIn }: Candidate, documents: readonly Json[], ages: Ages = 'Equal'): Compilation {
  const [namespace, name] = key.split('/')
  const own = standIn === null ? documents : [...documents.filter((one) => !isGatehouse(one)), standIn]
  return compile(worldOf(own, ages), { namespace: namespace!, name: name! }, options)
}

const notInFolder: Finding = {
  type: 'Accepted',
  status: 'Unknown',
  reason: 'NotInFolder',
  message: `${reasons.NotInFolder.message}: /spec/parentRefs`,
}

/** A route is accepted by a Gatehouse that stands in for another only as far as anybody can tell. */
const asFarAsKnown = (findings: readonly Finding[], { standIn }: Candidate): readonly Finding[] =>
  standIn === null
    ? findings
    : findings.map((one) => (one.type === 'Accepted' && one.status === 'True' ? notInFolder : one))

/** Whether an entry of a verdict is this installation's to make. */
function isOf({ key }: Candidate, { kind, namespace }: Verdict, { ref }: ParentVerdict, world: World): boolean {
  if (kind === 'Gatehouse') return true
  if (kind === 'GatewayRoute') return `${ref.namespace ?? namespace}/${ref.name}` === key
  const target = world.GatewayRoute.get(`${namespace}/${ref.name}`)
  return target === undefined || installationsOf(target, world).has(key)
}

function findingsOf(candidate: Candidate, verdict: Verdict, world: World): readonly Finding[] {
  if (verdict.kind === 'Gatehouse' && candidate.standIn !== null) return []
  const parents = verdict.parents.filter((parent) => isOf(candidate, verdict, parent, world))
  const findings = [...parents, ...verdict.listeners].flatMap((one) => one.findings)
  return verdict.kind === 'GatewayRoute' ? asFarAsKnown(findings, candidate) : findings
}

/** Compiles a folder for every installation that it is about, and puts together what each says of its own. */
export function verdictsOf(documents: readonly Json[]): FolderVerdicts {
  const world = worldOf(documents, 'Equal')
  const findings = new Map<string, Finding[]>()
  const compilations: Compilation[] = []
  for (const candidate of candidates(world)) {
    const compilation = compiled(candidate, documents)
    compilations.push(compilation)
    for (const verdict of compilation.verdicts) {
      const subject = `${verdict.kind} ${objectKey(verdict)}`
      findings.set(subject, [...(findings.get(subject) ?? []), ...findingsOf(candidate, verdict, world)])
    }
  }
  return { findings, compilations }
}
