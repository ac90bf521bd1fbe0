import type { LineSink } from '../../dataplane/src/telemetry/lineWriter.ts'
import { changes, type Changes } from './changes.ts'

/** A line of one of the three logs. */
export type LogLine = { readonly log: string; readonly [field: string]: unknown }

/** What a process under test logged. */
export interface CapturedLogs {
  /** Where the process writes. */
  readonly sink: LineSink
  readonly lines: Changes<LogLine>
  /** Everything as it was written: to look for what must never be there. */
  text(): string
  /** The decision line of a request, by the id that its answer carried. */
  decision(requestId: string): Promise<LogLine>
}

/** A sink that keeps and parses every line. */
export function captureLogs(): CapturedLogs {
  const lines = changes<LogLine>()
  const texts: string[] = []
  let rest = ''
  return {
    sink: {
      write: (bytes, done) => {
        const parts = (rest + bytes.toString()).split('\n')
        rest = parts.pop()!
        for (const part of parts) {
          texts.push(part)
          lines.add(JSON.parse(part) as LogLine)
        }
        done(bytes.length)
      },
    },
    lines,
    text: () => texts.join('\n'),
    decision: (requestId) => lines.first((line) => line['requestId'] === requestId),
  }
}
