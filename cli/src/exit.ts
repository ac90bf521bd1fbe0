/** Exit statuses (sysexits.h where it has one). */
export const exitStatus = { ok: 0, failure: 1, unreadable: 2, usage: 64, unavailable: 69 } as const

/** Ends the command with one sentence on standard error. */
export class CommandError extends Error {
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

/** The command line is wrong. */
export const usageError = (message: string): CommandError => new CommandError(message, exitStatus.usage)
