import type { CompileOptions, HostPort, InstallationRef } from '@gatehouse/controller'
import { parseSpec, type GatehouseSpec } from '@gatehouse/crds'
import { stringify } from 'yaml'
import { admit, type AdmittedObject } from '../admission/admit.ts'
import { CommandError, exitStatus } from '../exit.ts'
import type { FolderContent, FolderObjects } from '../folder/content.ts'
import { subjectOf, type Fault } from '../folder/objects.ts'
import type { DevOptions } from './options.ts'

/** The Gatehouse of a folder that has none. */
const builtin = {
  apiVersion: 'gatehouse.dev/v1alpha1',
  kind: 'Gatehouse',
  metadata: { name: 'dev', namespace: 'gatehouse-dev' },
  spec: {
    listeners: [
      {
        name: 'http',
        port: 8080,
        protocol: 'HTTP',
        default: true,
        plaintextCredentials: 'Allow',
        allowedRoutes: { namespaces: { from: 'All' } },
      },
    ],
    tenancy: 'Single',
    outbound: { allowLoopback: true },
    identityHeaders: ['x-gatehouse-subject', 'x-gatehouse-roles', 'x-gatehouse-tenant'],
  },
}

export const builtinText = stringify(builtin)

function builtinObject(): AdmittedObject {
  const admission = admit(builtin)
  if (!admission.ok) throw new Error('the built-in Gatehouse is not admitted')
  return admission.object
}

/** The Gatehouse that a run of dev is about, for as long as it runs. */
export interface DevInstallation {
  readonly ref: InstallationRef
  /** Set when the folder has none. */
  readonly builtin: AdmittedObject | null
  readonly spec: GatehouseSpec
}

function specOf(object: AdmittedObject): GatehouseSpec {
  const parsed = parseSpec('Gatehouse', object['spec'])
  if (!parsed.ok) throw new Error(`${subjectOf(object)} was admitted and cannot be read`)
  return parsed.spec
}

const refOf = ({ metadata }: AdmittedObject): InstallationRef => ({
  namespace: metadata.namespace ?? 'default',
  name: metadata.name,
})

const gatehousesIn = (objects: FolderObjects) =>
  [...objects.values()].filter(({ object }) => object.kind === 'Gatehouse')

/** The spec of the Gatehouse in a folder; null when there is none. */
export function gatehouseSpec(objects: FolderObjects): GatehouseSpec | null {
  const [first] = gatehousesIn(objects)
  return first ? specOf(first.object) : null
}

/** @throws CommandError when the folder has more than one Gatehouse */
export function installationIn(objects: FolderObjects): DevInstallation {
  const [first, second] = gatehousesIn(objects)
  if (first && second) {
    const places = [first, second].map(({ place }) => `${place.file}:${place.line}`).join(' and ')
    throw new CommandError(`dev runs one Gatehouse, but there is one in ${places}; leave one out`, exitStatus.failure)
  }
  const own = first ? null : builtinObject()
  const object = first?.object ?? builtinObject()
  return { ref: refOf(object), builtin: own, spec: specOf(object) }
}

/** The objects of a folder as far as this run is about them: any other Gatehouse is a fault, not a part of the world. */
export function withinInstallation(content: FolderContent, { ref, builtin: own }: DevInstallation): FolderContent {
  const isOther = ({ metadata }: AdmittedObject): boolean =>
    own !== null || metadata.name !== ref.name || (metadata.namespace ?? 'default') !== ref.namespace
  const others = gatehousesIn(content.objects).filter(({ object }) => isOther(object))
  if (others.length === 0) return content
  const message = `is left out, since this run is about ${ref.namespace}/${ref.name}; restart dev to serve it`
  const faults = others.map(({ place, object }): Fault => {
    return { place, subject: subjectOf(object), targets: [], message, readable: true }
  })
  const objects = new Map([...content.objects].filter(([, item]) => !others.includes(item)))
  return { ...content, objects, faults: [...content.faults, ...faults] }
}

const flagOf = { HTTP: 'http', HTTPS: 'https' } as const

/**
 * What the compiler does beside the world: addresses of this machine alone unless the flags say otherwise.
 *
 * @throws CommandError when a flag moves a listener that does not exist
 */
export function compileOptionsOf(options: DevOptions, { ref, spec }: DevInstallation): CompileOptions {
  for (const protocol of ['HTTP', 'HTTPS'] as const) {
    const asked = options[flagOf[protocol]] !== null
    if (!asked || spec.listeners.some((listener) => listener.protocol === protocol)) continue
    throw new CommandError(
      `--${flagOf[protocol]} moves the first ${protocol} listener, but Gatehouse ${ref.namespace}/${ref.name} has none`,
      exitStatus.failure,
    )
  }
  return {
    address: '127.0.0.1',
    listen: { HTTP: options.http, HTTPS: options.https },
    upstreams: options.upstreams,
    deniedAddresses: [],
    folder: true,
  }
}

/** Where the sockets of the listeners are to be. */
export const listenAddresses = (
  { listeners }: GatehouseSpec,
  options: CompileOptions,
): readonly { readonly at: HostPort; readonly listener: string }[] =>
  listeners.map(({ name, port, protocol }) => {
    const first = listeners.find((listener) => listener.protocol === protocol)
    const moved = first?.port === port ? options.listen[protocol] : null
    return { at: moved ?? { address: options.address, port }, listener: name }
  })
