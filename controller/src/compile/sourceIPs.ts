import { isRange, type AccessPolicySpec } from '@gatehouse/crds'
import type { SourceIPs } from '@gatehouse/contract'
import { note, type Note } from './findings.ts'

/** The client addresses of a policy, and what is wrong with them. */
export interface MadeSourceIPs {
  readonly sourceIPs: SourceIPs | null
  readonly notes: readonly Note[]
}

const badPlaces = (ranges: readonly string[], at: string): readonly string[] =>
  ranges.flatMap((range, index) => (isRange(range) ? [] : [`${at}/${index}`]))

/** One bad range breaks all: without it a deny would let somebody in, and an allow would mean another set (M7). */
export function sourceIPsOf(spec: AccessPolicySpec['sourceIPs']): MadeSourceIPs {
  if (!spec) return { sourceIPs: null, notes: [] }
  const { allow = [], deny = [] } = spec
  const bad = [...badPlaces(allow, '/spec/sourceIPs/allow'), ...badPlaces(deny, '/spec/sourceIPs/deny')]
  const broken = bad.length > 0
  return {
    sourceIPs: broken ? { allow: [], deny: [], broken } : { allow, deny, broken },
    notes: broken ? [note('PartiallyInvalid', 'InvalidSourceRange', ...bad)] : [],
  }
}
