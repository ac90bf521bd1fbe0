import type { ReasonRow } from './reasonRow.ts'

/** Reasons for which a part of an object is left out or refused, and the rest of it holds; in the order of the table. */
export const partialReasons = {
  HeaderNotAllowed: {
    under: { PartiallyInvalid: 'True' },
    message: 'identityHeaders of the Gatehouse does not list this name, so what would need it is refused',
    event: true,
  },
  AmbiguousProviders: {
    under: { PartiallyInvalid: 'True' },
    message: 'Two providers could claim the same credential, so what they claim is refused',
    event: true,
  },
  IssuerRegistered: {
    under: { PartiallyInvalid: 'True' },
    message: 'The installation has registered this issuer with other keys, so what the provider claims is refused',
    event: true,
  },
  UnknownProvider: {
    under: { PartiallyInvalid: 'True' },
    message: 'The list names a provider that this policy does not define; those entries keep nobody out',
    event: true,
  },
  DuplicateApiKey: {
    under: { PartiallyInvalid: 'True' },
    message: 'The same key or client id twice; all of these are left out',
    event: true,
  },
  InvalidApiKey: {
    under: { PartiallyInvalid: 'True' },
    message: 'Not an API key entry, which is a JSON object whose keyHash is sha256: and 64 hex digits; it is left out',
    event: true,
  },
  ApiKeyExpiring: {
    under: { KeysExpiring: 'True' },
    message: 'The last key of a client expires within seven days; gatehouse keys rotate gives it another',
    event: true,
  },
  ApiKeyExpired: {
    under: { KeysExpired: 'True' },
    message: 'The last key of a client has expired, so the client is refused',
    event: true,
  },
  InvalidRange: {
    under: { PartiallyInvalid: 'True' },
    message: 'Not an address range; it is left out',
    event: true,
  },
  InvalidTimeZone: {
    under: { PartiallyInvalid: 'True' },
    message: 'Not a time zone of the IANA database, so what the policy covers is refused',
    event: true,
  },
  NoQuotaStore: {
    under: { PartiallyInvalid: 'True' },
    message: 'The Gatehouse has no quotaStore that can be used, so what the policy covers is refused',
    event: true,
  },
  InvalidExpression: {
    under: { PartiallyInvalid: 'True' },
    message: 'Not a condition in the subset of CEL that the guide on authorization describes, so the rule is broken',
    event: true,
  },
  InvalidPath: {
    under: { PartiallyInvalid: 'True' },
    message:
      'Not a regular expression in the syntax of RE2, or too large, or a template that uses a name twice, so what it could be for is refused',
    event: true,
  },
  PathNameClash: {
    under: { PartiallyInvalid: 'True' },
    message: 'A template of the route gives the same name to another element, so the rule is broken',
    event: true,
  },
  InvalidSourceRange: {
    under: { PartiallyInvalid: 'True' },
    message: 'Not an address range, so what the rule or the list covers is refused',
    event: true,
  },
  HeaderReserved: {
    under: { PartiallyInvalid: 'True' },
    message:
      'Not a header that a route may change there: it frames messages, is for the gateway alone, or for policies to say; what needs it is answered 500',
    event: true,
  },
  NoWeight: {
    under: { PartiallyInvalid: 'True' },
    message: 'No backend has a weight above 0, so every request is answered 500',
    event: true,
  },
} as const satisfies { readonly [name: string]: ReasonRow }
