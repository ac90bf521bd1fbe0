import { parseAllDocuments } from 'yaml'

/** An object of a rendered chart, as far as every kind has it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly [member: string]: unknown
}

export interface Container {
  readonly name: string
  readonly image: string
  readonly args?: readonly string[]
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[]
  readonly resources?: { readonly requests?: object; readonly limits?: object }
  readonly startupProbe?: object
  readonly livenessProbe?: object
  readonly readinessProbe?: object
}

export interface PodSpec {
  readonly serviceAccountName: string
  readonly automountServiceAccountToken: boolean
  readonly containers: readonly Container[]
}

/** A Pod, or what makes Pods. */
export interface Workload {
  readonly manifest: Manifest
  readonly labels: Readonly<Record<string, string>>
  readonly spec: PodSpec
}

export interface PolicyRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

/** The objects in the output of Helm. */
export const manifestsIn = (text: string): readonly Manifest[] =>
  parseAllDocuments(text).flatMap((document) => {
    const object = document.toJS() as Manifest | null
    return object === null ? [] : [object]
  })

/** `kind namespace/name`. */
export const nameOf = ({ kind, metadata }: Manifest): string =>
  `${kind} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`

interface Template {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> }
  readonly spec: PodSpec
}

const templateOf = (manifest: Manifest): Template | null => {
  if (manifest.kind === 'Pod') return manifest as unknown as Template
  return (manifest['spec'] as { readonly template?: Template } | undefined)?.template ?? null
}

/** Everything that becomes Pods. */
export const workloadsIn = (manifests: readonly Manifest[]): readonly Workload[] =>
  manifests.flatMap((manifest) => {
    const template = templateOf(manifest)
    return template ? [{ manifest, labels: template.metadata?.labels ?? {}, spec: template.spec }] : []
  })

export const isRole = ({ kind }: Manifest): boolean => kind === 'Role' || kind === 'ClusterRole'

export const rulesOf = (role: Manifest): readonly PolicyRule[] => role['rules'] as readonly PolicyRule[]
