/** The type of an expression. `dyn` is known only when it is evaluated. */
export type CelType =
  | 'bool'
  | 'int'
  | 'double'
  | 'string'
  | 'null'
  | 'dyn'
  | { readonly list: CelType }
  /** A map from texts. `folds`: its keys are lower case, and are looked up so. */
  | { readonly map: CelType; readonly folds: boolean }

export const isList = (type: CelType): type is { readonly list: CelType } => typeof type === 'object' && 'list' in type
export const isMap = (type: CelType): type is { readonly map: CelType; readonly folds: boolean } =>
  typeof type === 'object' && 'map' in type
export const isNumber = (type: CelType): boolean => type === 'int' || type === 'double'

/** Whether a value of one type can be one of the other. */
export function fits(a: CelType, b: CelType): boolean {
  if (a === 'dyn' || b === 'dyn' || a === b) return true
  if (isList(a) && isList(b)) return fits(a.list, b.list)
  return isMap(a) && isMap(b) && fits(a.map, b.map)
}

/** The one type of both; `dyn` when they have none. */
export const joined = (a: CelType, b: CelType): CelType => {
  if (a === b) return a
  if (isList(a) && isList(b)) return { list: joined(a.list, b.list) }
  return 'dyn'
}
