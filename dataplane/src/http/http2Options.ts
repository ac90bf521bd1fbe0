import type { ServerSessionOptions } from 'node:http2'

/** How HTTP/2 is spoken with clients. */
export const http2Options: ServerSessionOptions = {
  settings: {
    enablePush: false,
    maxConcurrentStreams: 100,
    initialWindowSize: 65_535,
    // As for HTTP/1.1; here a header counts for 32 bytes more than it has (RFC 9113 6.5.2).
    maxHeaderListSize: 16 * 1024,
  },
  // Beyond what admission takes, so that its answer is given, and not a reset.
  maxHeaderListPairs: 300,
  // Both count for as long as a session lives; what it may do in a while is bounded before.
  maxSessionInvalidFrames: 10_000,
  maxSessionRejectedStreams: 10_000,
  // An upstream's answer is passed on as it is, also where it repeats what should stand once.
  strictSingleValueFields: false,
}
