/** A path with parameters, such as `/orders/{tenant}/{id}`, made ready. */
export interface PathTemplate {
  /** Literal elements in order; null = a parameter, which is one element that is not empty. */
  readonly elements: readonly (string | null)[]
  /** Place of each parameter among the elements. */
  readonly names: ReadonlyMap<string, number>
  /** How many elements are literal: the more, the more specific. */
  readonly literals: number
  /** False when a name stands for two parameters: nobody can say which of them is meant. */
  readonly sound: boolean
}

/** @param value - a canonical path in which an element may be `{name}` */
export function templateOf(value: string): PathTemplate {
  const names = new Map<string, number>()
  let sound = true
  const elements = value
    .slice(1)
    .split('/')
    .map((element, index) => {
      if (!element.startsWith('{')) return element
      const name = element.slice(1, -1)
      if (names.has(name)) sound = false
      else names.set(name, index)
      return null
    })
  return { elements, names, literals: elements.length - elements.filter((element) => element === null).length, sound }
}

/** Whether the whole of a canonical path fits. */
export function templateMatches({ elements }: PathTemplate, path: string): boolean {
  let start = 1
  for (let index = 0; index < elements.length; index++) {
    const slash = path.indexOf('/', start)
    const last = index === elements.length - 1
    if (last !== (slash === -1)) return false
    const end = last ? path.length : slash
    const element = elements[index]!
    if (element === null ? end === start : end - start !== element.length || !path.startsWith(element, start)) {
      return false
    }
    start = end + 1
  }
  return true
}

/** Whether two templates give one name to different elements of a path that both match. */
export function namesClash(a: PathTemplate, b: PathTemplate): boolean {
  if (a.elements.length !== b.elements.length) return false
  if (a.elements.some((element, index) => apart(element, b.elements[index]!))) return false
  for (const [name, index] of a.names) if ((b.names.get(name) ?? index) !== index) return true
  return false
}

const apart = (a: string | null, b: string | null): boolean => a !== null && b !== null && a !== b
