import { snapshotOf, type Json, type SealedResource } from '@gatehouse/contract'
import { Document, parseAllDocuments, visit } from 'yaml'
import { compile } from '../../controller/src/compile/compile.ts'
import type { CompileOptions, HostPort, InstallationRef } from '../../controller/src/compile/options.ts'
import { worldOf } from '../../controller/src/compile/worldOf.ts'
import type { Compilation } from '../../controller/src/compile/verdict.ts'
import type { World } from '../../controller/src/world.ts'
import { objectKey } from '../../controller/src/world.ts'
import { sessionOf } from '../../controller/src/push/sessionFixture.ts'
import type { SessionState } from '../../controller/src/push/sessions.ts'
import type { Fleet } from '../../controller/src/status/fleet.ts'
import {
  controllerNameOf,
  statusOf,
  type GatehouseStatus,
  type ObjectStatus,
} from '../../controller/src/status/statuses.ts'

/** What a case says beside its objects: the document of kind Case, with a default for each member. */
interface Settings {
  readonly installation?: InstallationRef
  readonly folder?: boolean
  readonly snapshotBytes?: number
  /** Namespaces whose Secrets and ConfigMaps are read; default: all. */
  readonly watched?: readonly string[]
  readonly deniedAddresses?: readonly string[]
  readonly listen?: { readonly HTTP?: HostPort; readonly HTTPS?: HostPort }
  readonly upstreams?: Readonly<Record<string, HostPort>>
  /** Ready data planes; default: as many as there are sessions. */
  readonly expected?: number
  /** Among how many limits are divided; default: as many as there are sessions. */
  readonly dataPlanes?: number
  readonly sessions?: readonly CaseSession[]
}

/** A data plane: up to date, but for what it says here. */
interface CaseSession {
  /** Resources of which it still has an older form. */
  readonly older?: readonly string[]
  readonly refused?: SessionState['refused']
  readonly openCircuits?: SessionState['openCircuits']
  readonly storeFault?: SessionState['storeFault']
  /** Refused the newest revision as a whole. */
  readonly nack?: NonNullable<SessionState['nack']>['reason']
}

type KubernetesObject = Readonly<Record<string, Json>>

/** Status times of a case: one moment for all. */
const now = Date.UTC(2026, 0, 1)

/** As the API server does: `stringData` becomes `data`. */
function stored(document: KubernetesObject): KubernetesObject {
  const { stringData, ...rest } = document
  if (stringData === undefined) return document
  const entries = Object.entries(stringData as Record<string, string>)
  return {
    ...rest,
    data: Object.fromEntries(entries.map(([key, text]) => [key, Buffer.from(text).toString('base64')])),
  }
}

export interface Case {
  readonly world: World
  readonly installation: InstallationRef
  readonly options: CompileOptions
  readonly settings: Settings
}

/** @param text - in.yaml: objects, and at most one document of kind Case */
export function readCase(text: string): Case {
  const documents = parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject)
  const settings = (documents.find(({ kind }) => kind === 'Case') ?? {}) as unknown as Settings
  const objects = documents.filter(({ kind }) => kind !== 'Case').map(stored)
  return {
    world: worldOf(objects, 'FromMetadata', settings.watched ? new Set(settings.watched) : null),
    installation: settings.installation ?? { namespace: 'gatehouse-system', name: 'edge' },
    settings,
    options: {
      address: '0.0.0.0',
      listen: { HTTP: settings.listen?.HTTP ?? null, HTTPS: settings.listen?.HTTPS ?? null },
      upstreams: new Map(Object.entries(settings.upstreams ?? {})),
      deniedAddresses: settings.deniedAddresses ?? [],
      folder: settings.folder ?? false,
      ...(settings.snapshotBytes === undefined ? {} : { snapshotBytes: settings.snapshotBytes }),
    },
  }
}

function fleetOf({ sessions = [{}], expected, dataPlanes }: Settings, resources: readonly SealedResource[]): Fleet {
  const { revision, resources: newest } = snapshotOf(resources)
  const olderContent = (keys: readonly string[]) => new Map([...newest].filter(([key]) => !keys.includes(key)))
  const contents = new Map([[revision, newest]])
  const states = sessions.map(({ older, nack, ...said }, index): SessionState => {
    const held = older || nack ? index.toString(16).padStart(64, '0') : revision
    if (held !== revision) contents.set(held, olderContent(older ?? [...newest.keys()]))
    const answered = nack ? { revision, reason: nack } : null
    return sessionOf({ instance: `data-plane-${index}`, revision: held, ...said, nack: answered })
  })
  return {
    expected: expected ?? states.length,
    sessions: states,
    revision,
    settling: false,
    dividedBy: dataPlanes ?? Math.max(1, states.length),
    contentOf: (wanted) => contents.get(wanted) ?? null,
  }
}

const secretMembers = ['privateKey', 'clientSecret']

/** Private keys and secrets do not belong into what is compared. */
const redacted = ({ kind, name, spec }: SealedResource): Omit<SealedResource, 'hash'> => {
  if (kind === 'tokenKeys') return { kind, name, spec: { ...spec, keys: '[redacted]' } }
  const members = Object.entries(spec).map(([key, value]) => [key, secretMembers.includes(key) ? '[redacted]' : value])
  return { kind, name, spec: Object.fromEntries(members) as SealedResource['spec'] }
}

/** Names of revisions change with every resource; what of them is in a status is shown elsewhere. */
function withoutRevisions<T extends { readonly status: ObjectStatus }>(one: T) {
  const { fleet, ...status } = one.status as GatehouseStatus
  if (fleet === undefined) return one
  const { desired, ready, behind, refused } = fleet
  return { ...one, status: { ...status, fleet: { desired, ready, behind, refused } } }
}

/** YAML with a line for each condition. */
function yaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Map: (_, map) => {
      if (map.has('lastTransitionTime')) map.flow = true
    },
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** The statuses of a case's objects, those that have nothing to say left out. */
function statusesOf({ world, installation, settings }: Case, { resources, verdicts }: Compilation) {
  const fleet = fleetOf(settings, resources)
  const writer = { controllerName: controllerNameOf(installation), now }
  return verdicts.flatMap((verdict) => {
    const object = world[verdict.kind].get(objectKey(verdict))
    const status = statusOf(verdict, object?.raw ?? {}, fleet, writer)
    const { kind, namespace, name } = verdict
    return (status.conditions ?? []).length === 0 ? [] : [{ kind, namespace, name, status }]
  })
}

/** The result of a case: the two files that it is compared with, and what they were made of. */
export function runCase(text: string) {
  const one = readCase(text)
  const compilation = compile(one.world, one.installation, one.options)
  const statuses = statusesOf(one, compilation)
  return {
    snapshot: yaml(compilation.resources.map(redacted)),
    status: yaml(statuses.map(withoutRevisions)),
    statuses,
    compilation,
  }
}
