import type { AccessPolicySpec, GatewayRouteSpec } from '@gatehouse/crds'
import { regexOf } from '@gatehouse/language/regex'
import { namesClash, templateOf, type PathTemplate } from '@gatehouse/language/template'
import { note, type Note } from './findings.ts'
import { holdKey, type Hold } from './holds.ts'

type Path = { readonly type: string; readonly value: string }

/** Whether a path can be understood beyond its form: an expression in the syntax of RE2, a template of distinct names. */
export function isUnderstood({ type, value }: Path): boolean {
  if (type === 'Template') return templateOf(value).sound
  return type !== 'RegularExpression' || regexOf(value) !== null
}

const templatesOf = (paths: readonly Path[]): readonly PathTemplate[] =>
  paths.flatMap(({ type, value }) => (type === 'Template' ? [templateOf(value)] : []))

/** JSON pointers to the rules of a policy that mean another element by a name of these templates. */
function clashing(spec: AccessPolicySpec, templates: readonly PathTemplate[]): readonly string[] {
  return (spec.authorization?.rules ?? []).flatMap(({ paths }, index) => {
    const own = templatesOf(paths ?? [])
    const clash = own.some((one) => templates.some((other) => namesClash(one, other)))
    return clash ? [`/spec/authorization/rules/${index}/paths`] : []
  })
}

/** What holds on a route say of its paths' parameters that the route says otherwise, by {@link holdKey}. */
export function nameClashes(
  rules: GatewayRouteSpec['rules'],
  holds: readonly Hold[],
): ReadonlyMap<string, readonly Note[]> {
  const all = new Map<string, readonly Note[]>()
  const templates = rules.map(({ name, matches }) => ({
    name,
    templates: templatesOf((matches ?? []).flatMap(({ path }) => path ?? [])),
  }))
  if (templates.every((one) => one.templates.length === 0)) return all
  for (const hold of holds) {
    const { spec, sectionName } = hold
    const concerned = templates.filter(({ name }) => sectionName === null || name === sectionName)
    const places = spec
      ? clashing(
          spec,
          concerned.flatMap((one) => one.templates),
        )
      : []
    if (places.length > 0) all.set(holdKey(hold), [note('PartiallyInvalid', 'PathNameClash', ...places)])
  }
  return all
}

/** Two sets of notes by key as one. */
export function joined(
  a: ReadonlyMap<string, readonly Note[]>,
  b: ReadonlyMap<string, readonly Note[]>,
): ReadonlyMap<string, readonly Note[]> {
  if (b.size === 0) return a
  const all = new Map(a)
  for (const [key, notes] of b) all.set(key, [...(all.get(key) ?? []), ...notes])
  return all
}
