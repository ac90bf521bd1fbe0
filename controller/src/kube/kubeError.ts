/**
 * An answer of the API server other than the one wanted. It carries the status code and the reason word of the
 * answer, and nothing else of it: bodies may hold values of objects.
 */
export class KubeError extends Error {
  /** For logs. */
  readonly code: string
  /** HTTP status. */
  readonly status: number
  /** `reason` of the Status object, such as `Expired`; empty when there was none. */
  readonly reason: string

  constructor(status: number, reason: string) {
    super(`the API server answered ${status}`)
    this.code = `HTTP_${status}`
    this.status = status
    this.reason = /^[A-Za-z]{1,64}$/.test(reason) ? reason : ''
  }
}

/** A stream or a body that is not what the API promises. */
export class MalformedAnswerError extends Error {
  readonly code = 'MALFORMED_ANSWER'
}

/** An answer that came too late to be of use. */
export class SlowAnswerError extends Error {
  readonly code = 'SLOW_ANSWER'
}
