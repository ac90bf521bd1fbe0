/** Why a try at an upstream came to nothing, and what that means. The words are stable; nothing else is said of it (M19). */
export const upstreamFailures = {
  refused: 'nothing listens there',
  unreachable: 'no way leads there',
  timeout: 'no connection within its time',
  dns: 'the name could not be resolved',
  'address-not-allowed': 'the name leads to no address that may be dialled',
  'certificate-untrusted': 'no authority that is trusted has issued the certificate',
  'certificate-name': 'the certificate is for another server',
  'certificate-expired': 'the certificate is no longer valid',
  'certificate-not-yet-valid': 'the certificate is not valid yet',
  'certificate-purpose': 'the certificate is not for servers',
  tls: 'no TLS that both ends take, or the upstream wants another client certificate',
  'no-http2': 'the upstream does not speak HTTP/2',
  reset: 'the connection was reset',
  closed: 'the connection ended, or had to be ended, before the answer was whole',
  'stream-refused': 'the upstream refused the stream unprocessed',
  malformed: 'what came is no answer, or not all of one, or cannot be passed on',
  'local-limit': 'the data plane has no descriptor or port left',
  other: 'something else',
} as const

export type UpstreamFailure = keyof typeof upstreamFailures
