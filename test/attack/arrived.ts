import type { RecordedRequest } from '../support/backend.ts'

/** All values of a header that has arrived, in every spelling that a CGI backend would take for it. */
export const fieldsOf = (request: RecordedRequest, name: string): string[] =>
  request.rawHeaders.flatMap((text, at) =>
    at % 2 === 0 && text.toLowerCase().replaceAll(/[^a-z0-9]/g, '-') === name ? [request.rawHeaders[at + 1]!] : [],
  )
