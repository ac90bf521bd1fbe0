import type { AccessPolicySpec } from '@gatehouse/crds'
import type { Cors } from '@gatehouse/contract'
import { milliseconds } from './durations.ts'

/** Methods that a page may use without leave (Fetch, CORS-safelisted method). */
const safelisted = ['GET', 'HEAD', 'POST']

/** @returns null for any */
const listed = (values: readonly string[], any = values.includes('*')): string[] | null => (any ? null : [...values])

const lowerCase = (names: readonly string[] | undefined): string[] => (names ?? []).map((name) => name.toLowerCase())

export function corsOf(spec: NonNullable<AccessPolicySpec['cors']>): Cors {
  const exposed = lowerCase(spec.exposeHeaders)
  return {
    allowOrigins: spec.allowOrigins,
    allowMethods: listed(spec.allowMethods ?? safelisted),
    allowHeaders: listed(lowerCase(spec.allowHeaders)),
    exposeHeaders: exposed.includes('*') ? ['*'] : exposed,
    allowCredentials: spec.allowCredentials,
    maxAge: milliseconds(spec.maxAge),
  }
}
