import { hostname } from 'node:os'
import type { ObjectName } from '@gatehouse/contract'
import type { LogChoices } from './telemetry/logger.ts'

/** The process configuration of a data plane; everything else comes by the push channel. */
export interface DataplaneConfig {
  readonly installation: ObjectName
  /** `host:port` of the controllers; each name is resolved to all its addresses in every round. */
  readonly controllers: readonly string[]
  /** Folder with `ca.crt`, `tls.crt`, `tls.key` and `signing.pub` of the push channel. */
  readonly pushDirectory: string
  /** File with the token that shows the controller which Pod this is; null = none is sent. */
  readonly pushToken: string | null
  /** Folder in which the last good snapshot is kept; null = it is not. */
  readonly lastGood: string | null
  /** Name in status; unique in the installation. */
  readonly instance: string
  /** The zone that this data plane runs in, as the hints of endpoints write it; null = not known. */
  readonly zone: string | null
  /** Port 0 asks the operating system for one. */
  readonly admin: { readonly address: string; readonly port: number }
  /** Whether metrics have a route label. */
  readonly perRouteMetrics: boolean
  readonly logs: LogChoices
  /** The share of the memory in use at which new requests are refused, in percent; 0 = never. */
  readonly overloadPercent: number
  readonly drain: {
    /** Milliseconds to keep serving after readiness is withdrawn, so that load balancers notice. */
    readonly delay: number
    /** Milliseconds that open requests may then take; what is left is cut. */
    readonly deadline: number
  }
}

/** A setting that is missing or wrong. Its message names the variable and says what to do. */
export class ConfigError extends Error {}

type Environment = { readonly [name: string]: string | undefined }

/**
 * Reads the configuration from the environment: GATEHOUSE_INSTALLATION, GATEHOUSE_CONTROLLERS, GATEHOUSE_PUSH_DIRECTORY,
 * GATEHOUSE_PUSH_TOKEN and GATEHOUSE_LAST_GOOD (none), GATEHOUSE_INSTANCE (the host's name), GATEHOUSE_ZONE (not
 * known, as when it is empty), GATEHOUSE_ADMIN (0.0.0.0:9090), GATEHOUSE_METRICS_PER_ROUTE (false),
 * GATEHOUSE_SECURITY_LOG and GATEHOUSE_AUDIT_LOG (on), GATEHOUSE_OVERLOAD_PERCENT (90), GATEHOUSE_DRAIN_DELAY (5000) and
 * GATEHOUSE_DRAIN_DEADLINE (30000).
 *
 * @throws ConfigError
 */
export function readConfig(environment: Environment = process.env): DataplaneConfig {
  const [namespace, name, ...rest] = (environment['GATEHOUSE_INSTALLATION'] ?? '').split('/')
  if (!namespace || !name || rest.length > 0) fail('GATEHOUSE_INSTALLATION', 'namespace/name of the Gatehouse object')
  const pushDirectory = environment['GATEHOUSE_PUSH_DIRECTORY'] ?? ''
  if (pushDirectory === '') fail('GATEHOUSE_PUSH_DIRECTORY', 'the folder with ca.crt, tls.crt, tls.key and signing.pub')
  return {
    installation: { namespace, name },
    controllers: controllersIn(environment['GATEHOUSE_CONTROLLERS'] ?? ''),
    pushDirectory,
    pushToken: path(environment, 'GATEHOUSE_PUSH_TOKEN'),
    lastGood: path(environment, 'GATEHOUSE_LAST_GOOD'),
    instance: environment['GATEHOUSE_INSTANCE'] ?? hostname(),
    zone: environment['GATEHOUSE_ZONE'] || null,
    admin: hostAndPort('GATEHOUSE_ADMIN', environment['GATEHOUSE_ADMIN'] ?? '0.0.0.0:9090'),
    perRouteMetrics: choice(environment, 'GATEHOUSE_METRICS_PER_ROUTE', ['false', 'true']) === 'true',
    logs: {
      security: choice(environment, 'GATEHOUSE_SECURITY_LOG', ['on', 'off']) === 'on',
      audit: choice(environment, 'GATEHOUSE_AUDIT_LOG', ['on', 'off']) === 'on',
    },
    overloadPercent: percentage(environment, 'GATEHOUSE_OVERLOAD_PERCENT', 90),
    drain: {
      delay: milliseconds(environment, 'GATEHOUSE_DRAIN_DELAY', 5000),
      deadline: milliseconds(environment, 'GATEHOUSE_DRAIN_DEADLINE', 30_000),
    },
  }
}

function controllersIn(text: string): readonly string[] {
  const addresses = text.split(',').map((address) => address.trim())
  for (const address of addresses) hostAndPort('GATEHOUSE_CONTROLLERS', address)
  return addresses
}

function path(environment: Environment, variable: string): string | null {
  const value = environment[variable]
  if (value === '') fail(variable, 'a path, or leave it out')
  return value ?? null
}

function fail(variable: string, wanted: string): never {
  throw new ConfigError(`${variable} is missing or wrong; set it to ${wanted}`)
}

function hostAndPort(variable: string, text: string): { address: string; port: number } {
  const parts = /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(\d{1,5})$/.exec(text)
  const port = Number(parts?.[2])
  if (parts === null || port > 65_535) fail(variable, 'host:port, with IPv6 addresses in brackets')
  return { address: parts[1]!.replace(/^\[|\]$/g, ''), port }
}

function choice<const T extends readonly [string, ...string[]]>(
  environment: Environment,
  variable: string,
  values: T,
): T[number] {
  const value = environment[variable] ?? values[0]
  return values.find((known) => known === value) ?? fail(variable, values.join(' or '))
}

function milliseconds(environment: Environment, variable: string, absent: number): number {
  const value = environment[variable]
  if (value === undefined) return absent
  return /^\d{1,7}$/.test(value) ? Number(value) : fail(variable, 'milliseconds, at most 9999999')
}

function percentage(environment: Environment, variable: string, absent: number): number {
  const value = environment[variable]
  if (value === undefined) return absent
  return /^\d{1,3}$/.test(value) && Number(value) <= 100 ? Number(value) : fail(variable, 'a whole number up to 100')
}
