import type { Provider } from '@gatehouse/contract'
import type { ProviderSpec } from './providerParts.ts'
import { isRange, nowhere, prefixOf } from './ranges.ts'

type Spec = NonNullable<ProviderSpec['mtls']>['subjectAltNames'][number]
type AltName = Extract<Provider['method'], { type: 'Mtls' }>['subjectAltNames'][number]

/** An address as the range that holds it alone. */
const asRange = (pattern: string): string =>
  pattern.includes('/') ? pattern : `${pattern}/${pattern.includes(':') ? 128 : 32}`

/** Whether the pattern is what its type asks for, beyond what the schema can say. */
export const isSoundName = ({ type, pattern }: Spec): boolean => type !== 'IP' || isRange(asRange(pattern))

/** A pattern as data planes know it. One that is not sound fits no certificate. */
export function altNameOf(name: Spec): AltName {
  if (name.type !== 'IP') return name
  return { type: name.type, pattern: isSoundName(name) ? asRange(name.pattern) : nowhere }
}

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
      if (!isSoundName(a) || !isSoundName(b)) return false
      const [left, right] = [a, b].map(({ pattern }) => prefixOf(asRange(pattern))) as [string, string]
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
