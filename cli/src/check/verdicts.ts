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
import { tokenKeysFor } from '../tokenKeys.ts'
import { candidates, gatehouseOf, installationsOf, type Candidate } from './standIn.ts'

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
  const installation = { namespace: namespace!, name: name! }
  const own = standIn === null ? documents : [...documents.filter((one) => !isGatehouse(one)), standIn]
  return compile(worldOf([...own, tokenKeysFor(installation)], ages), installation, options)
}

const notInFolder = (at: string): Finding => ({
  type: 'Accepted',
  status: 'Unknown',
  reason: 'NotInFolder',
  message: `${reasons.NotInFolder.message}: ${at}`,
})

/** What a Gatehouse that stands in for another accepts is accepted only as far as anybody can tell. @param at - what names it */
const asFarAsKnown = (findings: readonly Finding[], at: string): readonly Finding[] =>
  findings.map((one) => (one.type === 'Accepted' && one.status === 'True' ? notInFolder(at) : one))

/** Which installations have a say about the target of a policy. */
function judgesOf({ namespace }: Verdict, { ref }: ParentVerdict, all: readonly Candidate[], world: World) {
  const fitting = all.filter(({ key }) => {
    if (ref.kind === 'Gatehouse') return key === `${namespace}/${ref.name}`
    if (ref.kind === 'Namespace') return key.startsWith(`${namespace}/`)
    const target = world.GatewayRoute.get(`${namespace}/${ref.name}`)
    return target === undefined || installationsOf(target, world).has(key)
  })
  return fitting.length > 0 ? fitting : all
}

/** What a folder is compiled for. */
interface Compiling {
  readonly candidate: Candidate
  readonly all: readonly Candidate[]
  readonly world: World
}

/** What this installation has to say about one entry of a verdict; nothing when it is not its to make. */
function saidOf(verdict: Verdict, parent: ParentVerdict, { candidate, all, world }: Compiling): readonly Finding[] {
  const { ref, findings } = parent
  const isStandIn = candidate.standIn !== null
  if (verdict.kind === 'Gatehouse') return findings
  if (verdict.kind === 'GatewayRoute') {
    if (`${ref.namespace ?? verdict.namespace}/${ref.name}` !== candidate.key) return []
    return isStandIn ? asFarAsKnown(findings, `/spec/parentRefs (${gatehouseOf(candidate)})`) : findings
  }
  if (!judgesOf(verdict, parent, all, world).includes(candidate)) return []
  const isWide = ref.kind === 'Gatehouse' || (ref.kind === 'Namespace' && ref.name !== verdict.namespace)
  return isWide && isStandIn ? asFarAsKnown(findings, `/spec/targetRefs (${gatehouseOf(candidate)})`) : findings
}

function findingsOf(verdict: Verdict, compiling: Compiling): readonly Finding[] {
  if (verdict.kind === 'Gatehouse' && compiling.candidate.standIn !== null) return []
  const parents = verdict.parents.flatMap((parent) => saidOf(verdict, parent, compiling))
  return [...parents, ...verdict.listeners.flatMap((one) => one.findings)]
}

/** Compiles a folder for every installation that it is about, and puts together what each says of its own. */
export function verdictsOf(documents: readonly Json[]): FolderVerdicts {
  const world = worldOf(documents, 'Equal')
  const findings = new Map<string, Finding[]>()
  const compilations: Compilation[] = []
  const all = candidates(world)
  for (const candidate of all) {
    const compilation = compiled(candidate, documents)
    compilations.push(compilation)
    for (const verdict of compilation.verdicts) {
      const subject = `${verdict.kind} ${objectKey(verdict)}`
      findings.set(subject, [...(findings.get(subject) ?? []), ...findingsOf(verdict, { candidate, all, world })])
    }
  }
  return { findings, compilations }
}
