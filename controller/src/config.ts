import { hostname } from 'node:os'
import type { CertificateSource } from './certs/state.ts'
import type { InstallationRef } from './compile/options.ts'

/** The process configuration of a controller; everything else is in the Gatehouse object. */
export interface ControllerConfig {
  readonly installation: InstallationRef
  /** Name of this process in Events: that of its Pod. */
  readonly instance: string
  /** Folder with `ca.crt`, `tls.crt`, `tls.key` and `signing.key` of the push channel. */
  readonly pushDirectory: string
  /** Port 0 asks the operating system for one. */
  readonly push: { readonly address: string; readonly port: number }
  readonly admin: { readonly address: string; readonly port: number }
  /** Where backends fetch the keys that requests are signed with; null = nowhere. */
  readonly keySet: { readonly address: string; readonly port: number } | null
  /** Path of a kubeconfig; null = the service account of the Pod. */
  readonly kubeconfig: string | null
  /** The data planes' own Service; null = every connected data plane is expected to serve. */
  readonly dataplaneService: InstallationRef | null
  /** The controllers' own Service, whose addresses are never dialled for a route; null = there is none. */
  readonly controllerService: InstallationRef | null
  /** The ServiceAccount whose tokens data planes must show; null = none is asked for. */
  readonly dataplaneAccount: InstallationRef | null
  /** Where the leaves come from whose Secrets this process looks after while it leads; null = it looks after none. */
  readonly pushCertificates: CertificateSource | null
  /** The Lease that says who leads; null = no election, and this controller leads from its start on. */
  readonly lease: InstallationRef | null
  /** Namespaces whose Secrets and ConfigMaps are read; null = all. */
  readonly watchNamespaces: readonly string[] | null
}

/** The configuration of `controller certs`. */
export interface CertsConfig {
  readonly installation: InstallationRef
  /** Path of a kubeconfig; null = the service account of the Pod. */
  readonly kubeconfig: string | null
  readonly pushCertificates: CertificateSource
  /** `host:port` of the Redis of the chart, whose login is made; null = there is none. */
  readonly redis: string | null
}

/** A setting that is missing or wrong. Its message names the variable and says what to do. */
export class ConfigError extends Error {}

type Environment = { readonly [name: string]: string | undefined }

/**
 * Reads the configuration from the environment: GATEHOUSE_INSTALLATION, GATEHOUSE_PUSH_DIRECTORY, GATEHOUSE_PUSH
 * (0.0.0.0:9443), GATEHOUSE_ADMIN (0.0.0.0:9091), GATEHOUSE_KEY_SET (nowhere), GATEHOUSE_DATAPLANE_SERVICE, GATEHOUSE_CONTROLLER_SERVICE,
 * GATEHOUSE_DATAPLANE_ACCOUNT, GATEHOUSE_INSTANCE (the host's name), GATEHOUSE_PUSH_CERTIFICATES, GATEHOUSE_LEASE (no
 * election), GATEHOUSE_WATCH_NAMESPACES (that of the installation; `*` = all) and KUBECONFIG.
 *
 * @throws ConfigError
 */
export function readConfig(environment: Environment = process.env): ControllerConfig {
  const installation = objectName('GATEHOUSE_INSTALLATION', environment['GATEHOUSE_INSTALLATION'])
  return {
    installation,
    instance: environment['GATEHOUSE_INSTANCE'] ?? hostname(),
    pushDirectory:
      environment['GATEHOUSE_PUSH_DIRECTORY'] ??
      fail('GATEHOUSE_PUSH_DIRECTORY', 'the folder of the push certificates'),
    push: hostAndPort('GATEHOUSE_PUSH', environment['GATEHOUSE_PUSH'] ?? '0.0.0.0:9443'),
    admin: hostAndPort('GATEHOUSE_ADMIN', environment['GATEHOUSE_ADMIN'] ?? '0.0.0.0:9091'),
    keySet: keySetAddress(environment['GATEHOUSE_KEY_SET']),
    kubeconfig: environment['KUBECONFIG'] ?? null,
    dataplaneService: optionalName(environment, 'GATEHOUSE_DATAPLANE_SERVICE'),
    controllerService: optionalName(environment, 'GATEHOUSE_CONTROLLER_SERVICE'),
    dataplaneAccount: optionalName(environment, 'GATEHOUSE_DATAPLANE_ACCOUNT'),
    pushCertificates: certificateSource(environment),
    lease: optionalName(environment, 'GATEHOUSE_LEASE'),
    watchNamespaces: namespaces(environment['GATEHOUSE_WATCH_NAMESPACES'] ?? installation.namespace),
  }
}

/** Longest name of an installation whose Secrets are ours: it is the value of a label. */
const maxLabelValue = 63

/**
 * Reads the configuration of `controller certs`: GATEHOUSE_INSTALLATION, GATEHOUSE_PUSH_CERTIFICATES (Own),
 * GATEHOUSE_REDIS (none) and KUBECONFIG.
 *
 * @throws ConfigError
 */
export function readCertsConfig(environment: Environment = process.env): CertsConfig {
  const installation = objectName('GATEHOUSE_INSTALLATION', environment['GATEHOUSE_INSTALLATION'])
  if (installation.name.length > maxLabelValue) {
    fail('GATEHOUSE_INSTALLATION', `namespace/name of the object, the name no longer than ${maxLabelValue} characters`)
  }
  return {
    installation,
    kubeconfig: environment['KUBECONFIG'] ?? null,
    pushCertificates: certificateSource(environment) ?? 'Own',
    redis: redisServer(environment['GATEHOUSE_REDIS']),
  }
}

const keySetAddress = (text: string | undefined): ControllerConfig['keySet'] =>
  text === undefined ? null : hostAndPort('GATEHOUSE_KEY_SET', text)

/** As the annotation of its login names it. */
function redisServer(text: string | undefined): string | null {
  if (text !== undefined) hostAndPort('GATEHOUSE_REDIS', text)
  return text ?? null
}

function certificateSource(environment: Environment): CertificateSource | null {
  const text = environment['GATEHOUSE_PUSH_CERTIFICATES']
  if (text === undefined || text === 'Own' || text === 'External') return text ?? null
  fail('GATEHOUSE_PUSH_CERTIFICATES', 'Own or External')
}

function fail(variable: string, wanted: string): never {
  throw new ConfigError(`${variable} is missing or wrong; set it to ${wanted}`)
}

function objectName(variable: string, text: string | undefined): InstallationRef {
  const parts = /^([a-z0-9-]{1,63})\/([a-z0-9.-]{1,253})$/.exec(text ?? '')
  if (parts === null) fail(variable, 'namespace/name of the object')
  return { namespace: parts[1]!, name: parts[2]! }
}

function optionalName(environment: Environment, variable: string): InstallationRef | null {
  const text = environment[variable]
  return text === undefined ? null : objectName(variable, text)
}

function namespaces(text: string): readonly string[] | null {
  if (text === '*') return null
  const names = text.split(',').map((name) => name.trim())
  if (!names.every((name) => /^[a-z0-9-]{1,63}$/.test(name))) {
    fail('GATEHOUSE_WATCH_NAMESPACES', 'names of namespaces with commas between them, or * for all')
  }
  return [...new Set(names)]
}

function hostAndPort(variable: string, text: string): { address: string; port: number } {
  const parts = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text)
  const port = Number(parts?.[2])
  if (parts === null || port > 65_535) fail(variable, 'host:port, with IPv6 addresses in brackets')
  return { address: parts[1]!.replace(/^\[|\]$/g, ''), port }
}
