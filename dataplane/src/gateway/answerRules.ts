import type { Cors, SecurityHeader } from '@gatehouse/contract'
import { corsPlan, pushCors, type CorsPlan } from '../policy/cors.ts'

/** What is added to each answer under one rule, whoever gives it (M18). */
export interface AnswerRules {
  readonly cors: CorsPlan | null
  /** Each name once. */
  readonly securityHeaders: readonly SecurityHeader[]
}

/**
 * @param cors - of the levels that say something, the narrowest first
 * @param securityHeaders - of all policies in force, the widest first, whose value counts
 * @returns null when nothing is added
 */
export function answerRules(cors: readonly Cors[], securityHeaders: readonly SecurityHeader[]): AnswerRules | null {
  const plan = corsPlan(cors)
  if (plan === null && securityHeaders.length === 0) return null
  const distinct = securityHeaders.filter(
    ({ name }, index) => securityHeaders.findIndex((header) => header.name === name) === index,
  )
  return { cors: plan, securityHeaders: distinct }
}

/** What of a request its answer depends on. */
interface Asked {
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly connection: { readonly scheme: 'http' | 'https' }
}

/**
 * Adds what a rule says of every answer. A security header that is there already stays as it is.
 *
 * @param out - name, value, name, value …, names in lower case
 */
export function pushAnswerHeaders(out: string[], { cors, securityHeaders }: AnswerRules, asked: Asked): void {
  for (const { name, value } of securityHeaders) {
    // RFC 6797 7.2: over plain HTTP anybody could have said it.
    if (name === 'strict-transport-security' && asked.connection.scheme === 'http') continue
    if (!holds(out, name)) out.push(name, value)
  }
  if (cors !== null) pushCors(out, cors, asked.headers)
}

function holds(out: readonly string[], name: string): boolean {
  for (let at = 0; at < out.length; at += 2) if (out[at] === name) return true
  return false
}
