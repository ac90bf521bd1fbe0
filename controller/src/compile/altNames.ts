import type { SubjectAltName } from '@gatehouse/contract'
import { addressRange } from '@gatehouse/crds'
import type { ProviderSpec } from './providerParts.ts'
import { prefixOf } from './ranges.ts'

type Spec = NonNullable<ProviderSpec['mtls']>['subjectAltNames'][number]

/** A pattern as data planes know it. */
export const altNameOf = ({ type, pattern }: Spec): SubjectAltName => ({
  type,
  pattern: type === 'IP' ? addressRange(pattern) : pattern,
})

/** One name can fit both. A certificate with two names that fit one each is told apart only at the request. */
export function overlap(a: Spec, b: Spec): boolean {
  if (a.type !== b.type) return false
  switch (a.type) {
    case 'URI':
      return partsOverlap(a.pattern.split('/'), b.pattern.split('/'))
    case 'DNS':
      return partsOverlap(a.pattern.toLowerCase().split('.'), b.pattern.toLowerCase().split('.'))
    case 'Email':
      return partsOverlap(addressParts(a.pattern), addressParts(b.pattern))
    case 'IP': {
      const [left, right] = [a, b].map(({ pattern }) => prefixOf(addressRange(pattern))) as [string, string]
      return left.startsWith(right) || right.startsWith(left)
    }
  }
}

const partsOverlap = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((part, index) => part === '*' || b[index] === '*' || part === b[index])

const addressParts = (pattern: string): readonly string[] => {
  const at = pattern.lastIndexOf('@')
  return [pattern.slice(0, at), pattern.slice(at + 1).toLowerCase()]
}
