import type { Interface } from 'node:readline'
import type { Writable } from 'node:stream'
import { decisionText, type LogLine } from './decisionText.ts'

/** Where the lines of a data plane go. */
export interface DecisionSinks {
  /** Standard output: the ready line, then decisions. */
  readonly out: Writable & { readonly isTTY?: boolean }
  /** Standard error: everything else. */
  readonly err: (text: string) => void
  /** Told of each line of the operational log. */
  readonly event: (line: LogLine) => void
}

function parsed(text: string): LogLine | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}

/** Sorts the lines of a data plane; decisions wait until the ready line is out. */
export class Decisions {
  readonly #source: Interface
  readonly #sinks: DecisionSinks
  #waiting: string[] | null = []

  constructor(source: Interface, sinks: DecisionSinks) {
    this.#source = source
    this.#sinks = sinks
    source.on('line', (text) => this.#take(text))
    sinks.out.on('drain', () => source.resume())
  }

  /** Writes the ready line, and lets the decisions follow. */
  ready(line: object): void {
    this.#sinks.out.write(`${JSON.stringify(line)}\n`)
    const waiting = this.#waiting ?? []
    this.#waiting = null
    for (const text of waiting) this.#write(text)
  }

  #take(text: string): void {
    const line = parsed(text)
    if (line && (line['log'] === 'audit' || line['log'] === 'security')) {
      const decision = this.#sinks.out.isTTY === true ? decisionText(line) : text
      if (this.#waiting) this.#waiting.push(decision)
      else this.#write(decision)
      return
    }
    this.#sinks.err(`${text}\n`)
    if (line) this.#sinks.event(line)
  }

  /** While nobody reads, the data plane is not read either; it counts what it must drop. */
  #write(text: string): void {
    if (!this.#sinks.out.write(`${text}\n`)) this.#source.pause()
  }
}
