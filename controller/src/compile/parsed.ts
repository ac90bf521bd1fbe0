import { parseSpec, type GatehouseKind, type ParsedSpec } from '@gatehouse/crds'
import type { WorldObject } from '../world.ts'
import { memoised } from './memo.ts'

const parser = <K extends GatehouseKind>(kind: K): ((object: WorldObject) => ParsedSpec<K>) =>
  memoised((object) => parseSpec(kind, object.raw['spec']))

/** Strict readings of own objects, each object once (M7: what cannot be read costs only itself). */
export const parsedGatehouse = parser('Gatehouse')
export const parsedRoute = parser('GatewayRoute')
export const parsedPolicy = parser('AccessPolicy')

type Issues = Extract<ParsedSpec<GatehouseKind>, { ok: false }>['issues']

/** Where a spec is wrong, and what is wanted there: JSON pointers into the object and words of the schema. */
export const issuePlaces = (issues: Issues): readonly string[] =>
  issues.map(({ path, reason }) => `/spec${path} ${reason}`)
