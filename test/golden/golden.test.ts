import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accessPolicyStatus, gatehouseStatus, gatewayRouteStatus } from '@gatehouse/crds'
import { resourceSpecs, type Json, type ResourceKind } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { listOf, member, membersOf, textOf } from '../../controller/src/compile/raw.ts'
import { reasons } from '../../controller/src/compile/reasons.ts'
import { runCase } from './case.ts'

// UPDATE_GOLDEN=1 writes what the compiler gives; the diff is then for people to judge.
const update = process.env['UPDATE_GOLDEN'] === '1'
const root = import.meta.dirname
const cases = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
const files = ['in.yaml', 'snapshot.yaml', 'status.yaml']

const crdFiles = ['accesspolicies.yaml', 'gatehouses.yaml', 'gatewayroutes.yaml']

const inputOf = (name: string): string => readFileSync(join(root, name, 'in.yaml'), 'utf8')

/** What a file of a case says; when updating, what it is made to say. */
function golden(name: string, file: string, actual: string): string {
  const path = join(root, name, file)
  if (update) writeFileSync(path, actual)
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}

const statusSchemas = { Gatehouse: gatehouseStatus, GatewayRoute: gatewayRouteStatus, AccessPolicy: accessPolicyStatus }

describe.each(cases)('golden %s', (name) => {
  it('compiles to snapshot.yaml and status.yaml', () => {
    const { snapshot, status } = runCase(inputOf(name))
    expect(snapshot, 'UPDATE_GOLDEN=1 writes it').toBe(golden(name, 'snapshot.yaml', snapshot))
    expect(status, 'UPDATE_GOLDEN=1 writes it').toBe(golden(name, 'status.yaml', status))
  })

  it('gives resources that a data plane can read and statuses that the API server takes', () => {
    const { compilation, statuses } = runCase(inputOf(name))
    for (const { kind, spec } of compilation.resources) {
      expect(resourceSpecs[kind as ResourceKind].safeParse(spec).error).toBeUndefined()
    }
    for (const { kind, status } of statuses) expect(statusSchemas[kind].safeParse(status).error).toBeUndefined()
  })

  it('has an input and no file that nobody compares', () => {
    expect(readdirSync(join(root, name)).toSorted()).toEqual(files)
  })
})

/** The place of every field of a schema, with `[]` for the entries of lists. */
function fieldsOf(schema: Json | undefined, at: string): string[] {
  if (schema === undefined) return []
  const properties = membersOf(member(schema, 'properties'))
  return [
    ...fieldsOf(member(schema, 'items'), `${at}[]`),
    ...properties.flatMap(([name, own]) => [`${at}.${name}`, ...fieldsOf(own, `${at}.${name}`)]),
  ]
}

/** The place of every key of a value. */
const keysOf = (value: Json | undefined, at: string): string[] => [
  ...listOf(value).flatMap((item) => keysOf(item, `${at}[]`)),
  ...membersOf(value).flatMap(([name, own]) => [`${at}.${name}`, ...keysOf(own, `${at}.${name}`)]),
]

const memberAt = (value: Json | undefined, ...path: readonly string[]): Json | undefined =>
  path.reduce((inner, key) => member(inner, key), value)

/** `type/reason` of every condition in a status, however deep. */
function conditionsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if ('reason' in value && 'type' in value) return [`${String(value.type)}/${String(value.reason)}`]
  return Object.values(value).flatMap(conditionsIn)
}

/** The objects of a case that are accepted: of the fields of others nothing comes. */
function acceptedIn(name: string): readonly Json[] {
  const accepted = new Set(
    runCase(inputOf(name)).statuses.flatMap(({ kind, namespace, name: own, status }) =>
      conditionsIn(status).includes('Accepted/Accepted') ? [`${kind} ${namespace}/${own}`] : [],
    ),
  )
  const keyOf = (object: Json): string => {
    const [namespace, own] = ['namespace', 'name'].map((key) => textOf(memberAt(object, 'metadata', key)))
    return `${textOf(member(object, 'kind'))} ${namespace}/${own}`
  }
  return parseAllDocuments(inputOf(name))
    .map((document) => document.toJS() as Json)
    .filter((object) => accepted.has(keyOf(object)))
}

describe('the fields of the CRDs', () => {
  // What names another object is one piece of schema and of code, wherever it stands.
  const ofReferences = /\.(group|kind|namespace)$/

  it('stand in a golden case each, so that one that nothing comes of is seen', () => {
    const written = new Set(
      cases.flatMap((name) =>
        acceptedIn(name).flatMap((object) => keysOf(member(object, 'spec'), textOf(member(object, 'kind')) ?? '')),
      ),
    )
    const fields = crdFiles.flatMap((file) => {
      const spec = member(parse(readFileSync(join(root, '..', '..', 'crds', file), 'utf8')) as Json, 'spec')
      const [version] = listOf(member(spec, 'versions'))
      const own = memberAt(version, 'schema', 'openAPIV3Schema', 'properties', 'spec')
      return fieldsOf(own, textOf(memberAt(spec, 'names', 'kind')) ?? '')
    })
    expect(fields.length).toBeGreaterThan(400)
    expect(fields.filter((field) => !written.has(field) && !ofReferences.test(field))).toEqual([])
  })
})

describe('the reason table', () => {
  it('has a golden case for every reason under every condition type that it may stand under', () => {
    const seen = new Set(cases.flatMap((name) => conditionsIn(runCase(inputOf(name)).statuses)))
    const wanted = Object.entries(reasons).flatMap(([reason, { under }]) =>
      Object.keys(under).map((type) => `${type}/${reason}`),
    )
    expect(wanted.filter((one) => !seen.has(one))).toEqual([])
  })
})
