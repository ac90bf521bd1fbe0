import type { GatewayRouteSpec } from '@gatehouse/crds'
import type { Action } from '@gatehouse/contract'
import type { Note } from './findings.ts'
import type { BackendSpec, ResolvedBackend, UnresolvedBackend } from './backends.ts'

type MirrorSpec = NonNullable<GatewayRouteSpec['rules'][number]['mirrors']>[number]
type Mirror = Extract<Action, { type: 'Forward' }>['mirrors'][number]

/** Those that change nothing (RFC 9110 9.2.1), but for TRACE; GET covers HEAD. */
const safeMethods = ['GET', 'OPTIONS']

interface MadeMirrors {
  readonly mirrors: readonly Mirror[]
  /** Their names. */
  readonly upstreams: readonly string[]
  readonly notes: readonly Note[]
}

/** Mirrors of a rule; one that does not resolve is left out. @param at - JSON pointer to the list */
export function mirrorsOf(
  specs: readonly MirrorSpec[],
  at: string,
  resolve: (ref: BackendSpec, at: string) => ResolvedBackend | UnresolvedBackend,
): MadeMirrors {
  const notes: Note[] = []
  const mirrors = specs.flatMap(({ backendRef, percent, fraction, methods }, index): readonly Mirror[] => {
    const found = resolve({ ...backendRef, weight: 1, protocol: 'HTTP1' }, `${at}/${index}/backendRef`)
    if ('notes' in found) {
      notes.push(...found.notes)
      return []
    }
    const { numerator, denominator } = fraction ?? { numerator: percent ?? 100, denominator: 100 }
    return [{ upstream: found.upstream, methods: methods ?? safeMethods, share: { numerator, denominator } }]
  })
  return { mirrors, upstreams: mirrors.map(({ upstream }) => upstream), notes }
}
