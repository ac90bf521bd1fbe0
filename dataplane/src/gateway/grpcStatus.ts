import { refusals, type RefusalCode } from './refusal.ts'

type Status = (typeof refusals)[RefusalCode]['status']

/** INVALID_ARGUMENT and so on: what a client of gRPC is told in place of a status of HTTP. */
const statuses: { readonly [S in Status]: number } = {
  400: 3,
  401: 16,
  403: 7,
  // As the mapping of gRPC itself has it: nobody here knows the method.
  404: 12,
  408: 4,
  413: 8,
  415: 3,
  417: 3,
  421: 14,
  429: 8,
  431: 8,
  500: 13,
  501: 12,
  502: 14,
  503: 14,
  504: 4,
}

/** The status of gRPC that a refusal has (M18). A refusal with a status of its own kind does not compile without one. */
export const grpcStatusOf = (code: RefusalCode): number => statuses[refusals[code].status]
