import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { accessPolicyStatus, gatehouseStatus, gatewayRouteStatus } from '@gatehouse/crds'
import { resourceSpecs, type ResourceKind } from '@gatehouse/contract'
import { describe, expect, it } from 'vitest'
import { reasons } from '../../controller/src/compile/reasons.ts'
import { runCase } from './case.ts'

// UPDATE_GOLDEN=1 writes what the compiler gives; the diff is then for people to judge.
const update = process.env['UPDATE_GOLDEN'] === '1'
const root = import.meta.dirname
const cases = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
const files = ['in.yaml', 'snapshot.yaml', 'status.yaml']

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

/** `type/reason` of every condition in a status, however deep. */
function conditionsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if ('reason' in value && 'type' in value) return [`${String(value.type)}/${String(value.reason)}`]
  return Object.values(value).flatMap(conditionsIn)
}

describe('the reason table', () => {
  it('has a golden case for every reason under every condition type that it may stand under', () => {
    const seen = new Set(cases.flatMap((name) => conditionsIn(runCase(inputOf(name)).statuses)))
    const wanted = Object.entries(reasons).flatMap(([reason, { under }]) =>
      Object.keys(under).map((type) => `${type}/${reason}`),
    )
    expect(wanted.filter((one) => !seen.has(one))).toEqual([])
  })
})
