import { ForbiddenAddress } from '../state/checkedDialer.ts'
import { NoHttp2 } from '../state/http2Connections.ts'
import { WrongServer } from '../state/upstreamTls.ts'
import type { UpstreamFailure } from '../telemetry/upstreamFailure.ts'

const codesOf = (failure: UpstreamFailure, ...codes: readonly string[]): [string, UpstreamFailure][] =>
  codes.map((code) => [code, failure])

/** By the codes of the operating system, of Node, of OpenSSL's verification and of undici. */
const byCode = new Map<string, UpstreamFailure>([
  ...codesOf('refused', 'ECONNREFUSED'),
  ...codesOf('unreachable', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'ENETDOWN', 'EACCES', 'EPERM'),
  ...codesOf('timeout', 'ETIMEDOUT'),
  ...codesOf('local-limit', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EADDRNOTAVAIL', 'EADDRINUSE'),
  ...codesOf('reset', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'UPSTREAM_RESET'),
  ...codesOf('closed', 'UND_ERR_SOCKET', 'ERR_STREAM_PREMATURE_CLOSE'),
  ...codesOf('certificate-expired', 'CERT_HAS_EXPIRED'),
  ...codesOf('certificate-not-yet-valid', 'CERT_NOT_YET_VALID'),
  ...codesOf('certificate-purpose', 'INVALID_PURPOSE'),
  ...codesOf(
    'certificate-untrusted',
    'CERT_CHAIN_TOO_LONG',
    'CERT_REJECTED',
    'CERT_REVOKED',
    'CERT_SIGNATURE_FAILURE',
    'CERT_UNTRUSTED',
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'INVALID_CA',
    'PATH_LENGTH_EXCEEDED',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
    'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ),
  ...codesOf('no-http2', 'ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL'),
  ...codesOf('tls', 'EPROTO'),
  // undici asserts what it does not refuse, such as a status below 100.
  ...codesOf('malformed', 'UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'ERR_ASSERTION'),
])

/** By how codes begin. */
const byBeginning: readonly (readonly [string, UpstreamFailure])[] = [
  ['ERR_SSL_', 'tls'],
  ['ERR_TLS_', 'tls'],
  ['ERR_HTTP2_', 'malformed'],
]

/** REFUSED_STREAM (RFC 9113 7). */
const refusedStream = 7

/** The word for an error of a connection. Only what kind of error it is counts, never its text. */
export function upstreamFailure(error: Error): UpstreamFailure {
  if (error instanceof ForbiddenAddress) return 'address-not-allowed'
  if (error instanceof WrongServer) return 'certificate-name'
  if (error instanceof NoHttp2) return 'no-http2'
  if ('http2ErrorCode' in error) return error.http2ErrorCode === refusedStream ? 'stream-refused' : 'reset'
  if ('syscall' in error && error.syscall === 'getaddrinfo') return 'dns'
  // undici's, which has a code for some faults only.
  if (error.name === 'HTTPParserError') return 'malformed'
  const code = 'code' in error ? String(error.code) : ''
  return byCode.get(code) ?? byBeginning.find(([beginning]) => code.startsWith(beginning))?.[1] ?? 'other'
}
