import type { Clock } from './clock.ts'

/** What the controller reports about itself: the one list of events and their text. */
export const controllerEvents = {
  started: { level: 'info', message: 'The controller has started.' },
  'push-listening': { level: 'info', message: 'The push server takes connections.' },
  'key-set-listening': { level: 'info', message: 'The key set for backends can be fetched.' },
  'admin-listening': { level: 'info', message: 'The admin server takes connections.' },
  'watch-failed': { level: 'warn', message: 'A kind could not be listed or watched; trying again.' },
  'namespace-refused': {
    level: 'warn',
    message:
      'Secrets or ConfigMaps of a namespace may not be read, so references there do not resolve. Give the controller its Role there.',
  },
  'namespace-readable': { level: 'info', message: 'Secrets and ConfigMaps of a namespace may be read again.' },
  synced: { level: 'info', message: 'Every kind has been listed once.' },
  leading: { level: 'info', message: 'This controller leads: it pushes, and writes statuses.' },
  following: { level: 'warn', message: 'This controller no longer leads; it stays ready to.' },
  'lease-failed': {
    level: 'warn',
    message: 'The Lease that says who leads could not be read or written; trying again.',
  },
  published: { level: 'info', message: 'A new configuration is pushed to the data planes.' },
  'push-too-large': {
    level: 'error',
    message:
      'A configuration is larger than a data plane takes; the one before stays. Look for large Secrets and slices.',
  },
  'dataplane-connected': { level: 'info', message: 'A data plane has connected.' },
  'dataplane-disconnected': { level: 'info', message: 'A data plane has disconnected.' },
  'dataplane-unknown': {
    level: 'error',
    message: 'A data plane did not show that it is the Pod that it says it is; its session was ended.',
  },
  'dataplane-nacked': { level: 'error', message: 'A data plane did not take a configuration.' },
  'status-failed': { level: 'warn', message: 'A status could not be written; trying again.' },
  'credentials-failed': { level: 'error', message: 'The push certificates could not be read; those before stay.' },
  'certificates-changed': { level: 'info', message: 'A Secret of the push channel was made or renewed.' },
  'certificates-current': { level: 'info', message: 'The Secrets of the push channel are as they should be.' },
  'certificates-refused': {
    level: 'error',
    message: 'The Secrets of the push channel need a person; nothing was changed. See the guide on push certificates.',
  },
  'certificates-failed': {
    level: 'warn',
    message: 'The Secrets of the push channel could not be looked after; trying again.',
  },
  stopped: { level: 'info', message: 'The controller has stopped.' },
  failed: { level: 'error', message: 'The controller cannot go on.' },
} as const

export type ControllerEvent = keyof typeof controllerEvents

/** What an event may say beside its name. Never exception text and never a value of an object (M19). */
export interface EventDetail {
  /** Reason or error code. */
  readonly code?: string
  readonly revision?: string
  /** `Kind namespace/name` of the object concerned, or the kind. */
  readonly object?: string
  /** Name of the data plane concerned. */
  readonly instance?: string
  /** `host:port` concerned. */
  readonly address?: string
  /** How many. */
  readonly count?: number
  /** The term concerned. */
  readonly term?: number
  /** Where in the code a failure came from; see {@link stackFrames}. */
  readonly stack?: string
}

export type Log = (event: ControllerEvent, detail?: EventDetail) => void

/** Formats each event as one line of JSON in ASCII, `log: operational`, always with the same fields. */
export const createLog =
  (write: (line: string) => void, clock: Clock): Log =>
  (event, detail = {}) => {
    const line = {
      time: new Date(clock.now()).toISOString(),
      log: 'operational',
      level: controllerEvents[event].level,
      event,
      message: controllerEvents[event].message,
      code: detail.code ?? null,
      revision: detail.revision ?? null,
      object: detail.object ?? null,
      instance: detail.instance ?? null,
      address: detail.address ?? null,
      count: detail.count ?? null,
      term: detail.term ?? null,
      stack: detail.stack ?? null,
    }
    write(`${ascii(JSON.stringify(line))}\n`)
  }

/** The same JSON text with everything but ASCII escaped: nothing in it can end a line or move a terminal's cursor. */
const ascii = (json: string): string =>
  json.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The positions in a stack trace; the lines before them can hold text from outside (M19). */
export function stackFrames(error: unknown): string | null {
  if (!(error instanceof Error) || error.stack === undefined) return null
  const said = `${error.name}: ${error.message}`
  const trace = error.stack.startsWith(said) ? error.stack.slice(said.length) : error.stack
  const frames = trace.split('\n').filter((line) => /^ {4}at /.test(line))
  return frames.map((line) => line.trim()).join('; ')
}

/** A code for logs: the error's own when it has one of the usual form, never its text. */
export function errorCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? code : 'FAILED'
}
