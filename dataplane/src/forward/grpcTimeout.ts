import { isGrpcType } from './grpcType.ts'

/** Milliseconds of each unit (gRPC over HTTP/2, "Timeout"). */
const units: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 }

/**
 * How long the caller of a request of gRPC waits for all of the answer, in milliseconds.
 *
 * @param headers - by lower-case name
 * @returns Infinity for other requests, for one that says nothing, and for what is no time
 */
export function grpcTimeout(headers: ReadonlyMap<string, readonly string[]>): number {
  const said = headers.get('grpc-timeout')
  if (said === undefined || !isGrpcType(headers.get('content-type')?.[0] ?? '')) return Infinity
  const [, amount, unit] = said.length === 1 ? (/^(\d{1,8})([HMSmun])$/.exec(said[0]!) ?? []) : []
  return amount === undefined ? Infinity : Number(amount) * (units[unit ?? ''] ?? Infinity)
}
