import type { Clock } from '../clock.ts'
import { ascii } from './asciiJson.ts'
import type { LineWriter } from './lineWriter.ts'
import { operationalEvents, type EventDetail, type OperationalEvent } from './operationalLog.ts'
import { decisionLine } from './decisionLine.ts'
import type { DecisionRecord } from './record.ts'
import { TurnOf } from './turnOf.ts'

/** The three logs of a data plane. */
export interface Logger {
  /** Reports an event of the process. */
  event(event: OperationalEvent, detail?: EventDetail): void
  /** Logs a request: what was permitted in the audit log, what was refused, or would be by Shadow, in the security log. */
  decision(record: DecisionRecord): void
  flush(): Promise<void>
}

/** Which logs are written. The operational log always is. */
export interface LogChoices {
  readonly security: boolean
  readonly audit: boolean
}

/** Formats lines and hands them to a writer. */
export function createLogger(writer: LineWriter, choices: LogChoices, clock: Clock): Logger {
  const time = timestamps(clock)
  const decide = (record: DecisionRecord): void => {
    const log = record.decision === 'permit' ? 'audit' : 'security'
    if (choices[log]) writer.write(log, decisionLine(record, log, time()))
    if (log === 'audit' && choices.security && record.would?.outcome === 'would-deny')
      writer.write('security', decisionLine(record, 'security', time()))
  }
  const turn = new TurnOf(decide)
  return {
    event: (event, detail = {}) => {
      turn.end()
      writer.write('operational', ascii(JSON.stringify(eventLine(event, detail, time()))))
    },
    decision: (record) => turn.add(record),
    flush: () => {
      turn.end()
      return writer.flush()
    },
  }
}

/** Formats a millisecond once, however many lines it has. */
function timestamps(clock: Clock): () => string {
  let last = NaN
  let formatted = ''
  return () => {
    const now = clock.now()
    if (now !== last) {
      last = now
      formatted = new Date(now).toISOString()
    }
    return formatted
  }
}

function eventLine(event: OperationalEvent, detail: EventDetail, time: string): object {
  return {
    time,
    log: 'operational',
    level: operationalEvents[event].level,
    event,
    message: operationalEvents[event].message,
    code: detail.code ?? null,
    revision: detail.revision ?? null,
    resource: detail.resource ?? null,
    field: detail.field ?? null,
    rule: detail.rule ?? null,
    upstream: detail.upstream ?? null,
    address: detail.address ?? null,
    key: detail.key ?? null,
    count: detail.count ?? null,
    stack: detail.stack ?? null,
  }
}
