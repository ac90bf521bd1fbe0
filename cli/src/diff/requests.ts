import { z } from 'zod'
import { systemClock } from '@gatehouse/dataplane'
import { CommandError, exitStatus } from '../exit.ts'
import { readyRequest, requestSchema, type ReadyRequest } from '../explain/described.ts'
import { BadDescription } from '../explain/request.ts'
import { readDocuments } from '../folder/documents.ts'
import { auditRequest } from './auditLine.ts'

/** A request that two configurations are asked about. */
export interface AskedRequest extends ReadyRequest {
  /** Where it is written. */
  readonly place: string
  /** What was decided when it was recorded; null = it is not a record. */
  readonly recorded: 'allow' | 'deny' | null
}

/** Requests, and how many lines of a log were no decision that can be asked again. */
export interface AskedRequests {
  readonly requests: readonly AskedRequest[]
  readonly passedOver: number
}

const maxRequests = 100_000

/** A request by itself, or as a test has it. */
const entry = z.union([z.looseObject({ request: requestSchema }).transform(({ request }) => request), requestSchema])

/** @throws CommandError with file and line for what is no request */
export function requestsIn(file: string, text: string): AskedRequests {
  const { documents, faults } = readDocuments(file, text)
  const unreadable = (line: number, message: string) =>
    new CommandError(`${file}:${line}: ${message}`, exitStatus.unreadable)
  const [fault] = faults
  if (fault) throw unreadable(fault.place.line, fault.message)
  const requests = documents.flatMap((document) => {
    if (!Array.isArray(document.value)) throw unreadable(document.place.line, 'needs a list of requests')
    return document.value.map((item: unknown, index): AskedRequest => {
      const line = document.lineOf(`/${index}`)
      const read = entry.safeParse(item)
      if (!read.success) throw unreadable(line, 'is no request: url is required, and unknown keys are refused')
      try {
        return { ...readyRequest(read.data, systemClock.now()), place: `${file}:${line}`, recorded: null }
      } catch (error) {
        throw error instanceof BadDescription ? unreadable(line, error.message) : error
      }
    })
  })
  return { requests: requests.slice(0, maxRequests), passedOver: Math.max(0, requests.length - maxRequests) }
}

/** The requests of a data plane's log. Lines that are no decisions are passed over. */
export function requestsOfLog(file: string, text: string): AskedRequests {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const requests = lines.slice(0, maxRequests).flatMap((line, index): AskedRequest[] => {
    const asked = auditRequest(line, systemClock.now())
    return asked === null ? [] : [{ ...asked, place: `${file}:${index + 1}` }]
  })
  return { requests, passedOver: lines.length - requests.length }
}
