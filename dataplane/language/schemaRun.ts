import type { JsonValue } from './json.ts'
import { pointer } from './pointer.ts'

/** What is wrong with a value; the name is what the answer says. Most are called by the keyword that did not hold. */
export const findingReasons = [
  ...(['type', 'enum', 'const', 'not-allowed', 'allOf', 'anyOf', 'oneOf', 'not'] as const),
  ...(['required', 'additionalProperties', 'dependentRequired', 'minProperties', 'maxProperties'] as const),
  ...(['minItems', 'maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains'] as const),
  ...(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'] as const),
  ...(['minLength', 'maxLength', 'pattern', 'format', 'propertyNames'] as const),
  ...(['not-json', 'duplicate-name', 'lone-surrogate', 'number', 'too-deep', 'too-many-values'] as const),
  ...(['not-utf8', 'too-costly', 'repeated', 'unknown', 'malformed', 'redirect'] as const),
] as const

export type FindingReason = (typeof findingReasons)[number]

export interface Finding {
  /** JSON pointer (RFC 6901) to what is wrong; holds no value. */
  readonly pointer: string
  readonly reason: FindingReason
}

/** Most findings of one request; the rest is not looked for. */
export const maxFindings = 16

/** What checking may cost. All checks that are given it share it. */
export interface Effort {
  /** Steps that are left, of about 10 nanoseconds each. */
  steps: number
  /** Monotonic milliseconds, by which regular expressions are paid for. */
  readonly now: () => number
}

/** Thrown when the effort is used up; see {@link Effort}. */
export class Exhausted extends Error {}

const stepsPerMillisecond = 100_000
/**
 * A regular expression is not interrupted, so this is the most that one may come to: characters by instructions. Each takes
 * up to 300 nanoseconds.
 */
const maxMatching = 100_000

/** One check of one value: where it stands in the value, what it has cost and found. */
export class Run {
  readonly findings: Finding[] = []
  readonly path: (string | number)[] = []
  readonly #effort: Effort
  #quiet = 0

  constructor(effort: Effort) {
    this.#effort = effort
  }

  /** @throws Exhausted */
  spend(steps: number): void {
    this.#effort.steps -= steps
    if (this.#effort.steps < 0) throw new Exhausted()
  }

  /** Pays for one run of a regular expression by the time that it took. @throws Exhausted */
  matching(characters: number, instructions: number, run: () => boolean): boolean {
    const most = characters * instructions
    if (most > maxMatching) throw new Exhausted()
    // Short ones are not worth looking at the clock.
    if (most < 256) {
      this.spend(most)
      return run()
    }
    const { now } = this.#effort
    const started = now()
    const found = run()
    this.spend(Math.ceil((now() - started) * stepsPerMillisecond) + 1)
    return found
  }

  /** Whether nothing more can be learnt from going on after a finding. */
  get stops(): boolean {
    return this.#quiet > 0 || this.findings.length >= maxFindings
  }

  /** Notes what is wrong here, or with a member. */
  fail(reason: FindingReason, ...below: readonly string[]): false {
    if (!this.stops) this.findings.push({ pointer: pointer([...this.path, ...below]), reason })
    return false
  }

  /** Whether a check holds, without noting why not. */
  holds(check: Check, value: JsonValue): boolean {
    this.#quiet++
    const held = check(value, this)
    this.#quiet--
    return held
  }

  /** Checks what stands below. */
  below(part: string | number, check: Check, value: JsonValue): boolean {
    this.path.push(part)
    const held = check(value, this)
    this.path.pop()
    return held
  }
}

/** Whether a value is right; notes in the run what is not. */
export type Check = (value: JsonValue, run: Run) => boolean
