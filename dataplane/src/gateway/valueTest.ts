import type { RuleMatch } from '@gatehouse/contract'
import { regexOf, type Regex } from '@gatehouse/language/regex'
import { headerKey } from '../policy/headerReadings.ts'
import { looseName } from '../policy/parameterReadings.ts'
import { affords, headersIn, parametersIn, type Search } from './search.ts'

/** What a header or a parameter of the query must say, made ready. */
export interface ValueTest {
  readonly name: string
  /** The name as parameters are looked up by it. */
  readonly looseName: string
  readonly value: string
  /** null = the value is compared as it stands. */
  readonly regex: Regex | null
  /** True for an expression that is none. */
  readonly broken: boolean
}

export function valueTest({ name, type, value }: RuleMatch['headers'][number]): ValueTest {
  const regex = type === 'RegularExpression' ? regexOf(value) : null
  return { name, looseName: looseName(name), value, regex, broken: type === 'RegularExpression' && regex === null }
}

/** An expression that nobody understands holds for all that is there: its author meant some of it (M7). */
function holds({ regex, value, broken }: ValueTest, text: string, search: Search): boolean {
  if (regex === null) return broken || text === value
  return affords(search, regex.size, text) && regex.matchesAll(text)
}

/** Whether some reader of the headers would say so; {@link headerIsPlain} tells whether it is what RFC 9110 says. */
export function headerHolds(test: ValueTest, search: Search): boolean {
  const reading = headersIn(search).get(headerKey(test.name))
  if (reading === undefined) {
    const values = search.asked.headers.get(test.name)
    return values !== undefined && holds(test, values[0]!, search)
  }
  const value = reading.byName.get(test.name)
  return (value !== undefined && holds(test, value, search)) || reading.lines.some((line) => holds(test, line, search))
}

/** Whether a header that holds is there by its own name alone, and does so with all its lines as one value. */
export function headerIsPlain(test: ValueTest, search: Search): boolean {
  const reading = headersIn(search).get(headerKey(test.name))
  if (reading === undefined) return true
  const value = reading.byName.get(test.name)
  return value !== undefined && reading.byName.size === 1 && holds(test, value, search)
}

/** Whether some reader of the query would say so; {@link parameterIsPlain} tells whether all of them agree. */
export function parameterHolds(test: ValueTest, search: Search): boolean {
  const parameters = parametersIn(search)
  if (parameters === null) return true
  const reading = parameters.get(test.looseName)
  if (reading === undefined) return false
  return reading.malformed || reading.values.some((value) => holds(test, value, search))
}

/** Whether all readers of the query see the parameter, and the same value. */
export function parameterIsPlain({ name, looseName: key }: ValueTest, search: Search): boolean {
  const reading = parametersIn(search)?.get(key)
  return reading !== undefined && reading.plain && reading.name === name
}
