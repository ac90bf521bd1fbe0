import type { Person } from './people.ts'

/** What a request carries: nothing, a credential of the victim's client, of staff, or one that the attacker signed. */
export type Caller = 'nobody' | 'client' | 'staff' | 'own' | 'forged' | 'certificate'

/** A request that goes with an attempt. */
export interface Probe {
  /** `HOST/path`; the path names the attempt, so that backends can tell. */
  readonly target: string
  readonly caller: Caller
  readonly status: number
  /** The gateway's own code; null = the answer is that of a backend. */
  readonly code: string | null
  /** Whose backend answers; null = none may hear of it. */
  readonly backend: 'shop' | 'other' | null
  /** Further arguments of curl. */
  readonly args: readonly string[]
  /** A header that the backend must not see. */
  readonly withheld?: string
}

/** Who says no, and in which words. */
type Expected =
  /** The API server: Forbidden. */
  | { readonly by: 'rights' }
  /** The API server: the object is not valid, and it says this of it. */
  | { readonly by: 'form'; readonly says: string }
  /** The controller, in a condition of an object, `kind/name`: `Type=Status/Reason`. */
  | { readonly by: 'controller'; readonly object: string; readonly condition: string }

/** Something that a hostile tenant tries with kubectl. */
export interface Attempt {
  readonly name: string
  readonly as: Person
  readonly command: readonly string[]
  readonly documents: readonly object[]
  readonly expected: Expected
  readonly probes: readonly Probe[]
}

/** A command that its rights do not cover; the documents, if any, are its input. */
export const forbidden = (name: string, command: string, ...documents: readonly object[]): Attempt => ({
  name,
  as: 'other',
  command: [...command.split(' '), ...(documents.length > 0 ? ['-f', '-'] : [])],
  documents,
  expected: { by: 'rights' },
  probes: [],
})

/** An object that the API server does not take. */
export const malformed = (name: string, document: object, says: string, as: Person = 'other'): Attempt => ({
  name,
  as,
  command: ['create', '-f', '-'],
  documents: [document],
  expected: { by: 'form', says },
  probes: [],
})

/**
 * Objects that the API server takes, and what the controller says of one of them.
 *
 * @param verdict - `kind/[namespace/]name Type=Status/Reason`, in the tenant's namespace unless it says another
 */
export function judged(
  name: string,
  verdict: string,
  documents: readonly object[],
  ...probes: readonly Probe[]
): Attempt {
  const [object = '', condition = ''] = verdict.split(' ')
  const expected = { by: 'controller', object, condition } as const
  return { name, as: 'other', command: ['create', '-f', '-'], documents, expected, probes }
}

/** The same by somebody who also may write EndpointSlices and ReferenceGrants. */
export const byOperator = (attempt: Attempt): Attempt => ({ ...attempt, as: 'operator' })

const probe = (caller: Caller, target: string, answer: string, args: readonly string[]): Probe => {
  const [status = '', code = ''] = answer.split(' ')
  return { target, caller, status: Number(status), code, backend: null, args }
}

/** A request that must be refused. @param answer - `STATUS CODE` */
export const refused = (caller: Caller, target: string, answer: string, ...args: readonly string[]): Probe =>
  probe(caller, target, answer, args)

/** A request that a backend must answer, and no other backend may hear of. */
export const served = (
  caller: Caller,
  target: string,
  backend: 'shop' | 'other',
  ...args: readonly string[]
): Probe => ({ target, caller, status: 200, code: null, backend, args })

const probed = ({ status, code, backend, caller, withheld }: Probe): string => {
  if (code !== null) return `${caller} gets ${status} ${code}`
  return `${caller} reaches ${backend} alone${withheld === undefined ? '' : `, without ${withheld}`}`
}

const said = (expected: Expected): string => {
  if (expected.by === 'rights') return 'Forbidden'
  return expected.by === 'form' ? `Invalid: ${expected.says}` : expected.condition
}

/** The same, where the backend must not see a header. */
export const withholding = (withheld: string, one: Probe): Probe => ({ ...one, withheld })

/** The answer in one line. */
export const answerTo = ({ expected, probes }: Attempt): string => [said(expected), ...probes.map(probed)].join('; ')
