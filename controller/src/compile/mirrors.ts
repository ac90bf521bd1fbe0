import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { Action } from '@gatehouse/contract'
import { note, type Note } from './findings.ts'
import type { Upstreams } from './upstreams.ts'

type MirrorSpec = NonNullable<GatewayRouteSpec['rules'][number]['mirrors']>[number]
type Mirror = Extract<Action, { type: 'Forward' }>['mirrors'][number]

/** Those that change nothing (RFC 9110 9.2.1), but for TRACE; GET covers HEAD. */
const safeMethods = ['GET', 'OPTIONS']

interface MadeMirrors {
  readonly mirrors: readonly Mirror[]
  readonly notes: readonly Note[]
}

/** Mirrors of a rule; one that does not resolve is left out. @param at - JSON pointer to the list */
export function mirrorsOf(
  specs: readonly MirrorSpec[],
  at: string,
  resolve: (ref: MirrorSpec['backendRef']) => ReturnType<Upstreams['use']>,
): MadeMirrors {
  const notes: Note[] = []
  const mirrors = specs.flatMap(({ backendRef, percent, fraction, methods }, index): readonly Mirror[] => {
    const found = resolve(backendRef)
    if ('reason' in found) {
      notes.push(note('ResolvedRefs', found.reason, `${at}/${index}/backendRef`))
      return []
    }
    const { numerator, denominator } = fraction ?? { numerator: percent ?? 100, denominator: 100 }
    return [{ upstream: found.upstream, methods: methods ?? safeMethods, share: { numerator, denominator } }]
  })
  return { mirrors, notes }
}
