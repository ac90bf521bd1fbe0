import type { ReasonRow } from './reasonRow.ts'

/** Reasons of what cannot be referred to; a part of the reason table, in its order. */
export const referenceReasons = {
  BackendNotFound: {
    under: { ResolvedRefs: 'False' },
    message: 'The Service does not exist; its share of the requests is answered 500, and a mirror gets none',
    event: true,
  },
  BackendPortNotFound: {
    under: { ResolvedRefs: 'False' },
    message: 'The Service has no such TCP port; its share of the requests is answered 500, and a mirror gets none',
    event: true,
  },
  UnsupportedBackend: {
    under: { ResolvedRefs: 'False' },
    message:
      'Services of type ExternalName are refused; its share of the requests is answered 500, and a mirror gets none',
    event: true,
  },
  NamespaceNotWatched: {
    under: { ResolvedRefs: 'False' },
    message:
      'Secrets and ConfigMaps of this namespace are not read; it is not in watchNamespaces, or the controller has no Role there',
    event: true,
  },
  RefNotPermitted: {
    under: { ResolvedRefs: 'False' },
    message: 'No ReferenceGrant in the namespace of the referenced object permits this reference',
    event: true,
  },
  RefNotFound: {
    under: { ResolvedRefs: 'False' },
    message: 'The referenced object or key does not exist',
    event: true,
  },
  WrongSecretType: {
    under: { ResolvedRefs: 'False' },
    message: 'The Secret is not of the type that this use needs',
    event: true,
  },
  InvalidClientSecret: {
    under: { ResolvedRefs: 'False' },
    message: 'The Secret needs the keys clientId and clientSecret, each plain text on one line',
    event: true,
  },
  InvalidStoreSecret: {
    under: { ResolvedRefs: 'False' },
    message: 'The Secret needs the key password or sentinelPassword, and each of its keys plain text on one line',
    event: true,
  },
  DestinationNotAllowed: {
    under: { ResolvedRefs: 'False' },
    message:
      'The Secret does not name this host, with its port unless that is 443, in its annotation gatehouse.dev/destination-hosts',
    event: true,
  },
  InvalidCertificate: {
    under: { ResolvedRefs: 'False' },
    message: 'No valid PEM certificate, or its private key does not belong to it',
    event: true,
  },
  InvalidKeySet: {
    under: { ResolvedRefs: 'False' },
    message: 'Not a key set (RFC 7517) of public keys alone',
    event: true,
  },
  InvalidBackendHeader: {
    under: { ResolvedRefs: 'False' },
    message: 'The Secret has no name and value of a header that a backend may be sent',
    event: true,
  },
  NoTokenKeys: {
    under: { ResolvedRefs: 'False' },
    message: 'The installation has no keys to sign tokens with; run controller certs',
    event: true,
  },
  TokenNotAllowed: {
    under: { ResolvedRefs: 'False' },
    message: 'A signed token goes to a url only where hosts of the Gatehouse binds its host to this namespace',
    event: true,
  },
  InvalidSchema: {
    under: { ResolvedRefs: 'False' },
    message:
      'Not a schema of the supported part of JSON Schema, or one that would cost too much; what its policy covers answers 500',
    event: true,
  },
  InvalidRevocations: {
    under: { ResolvedRefs: 'False' },
    message: 'Not a list of revocations; the last one that was stays in force, and without one no credential counts',
    event: true,
  },
  InvalidDenyList: {
    under: { ResolvedRefs: 'False' },
    message:
      'Not a deny list; the last one that was stays in force, and without one what its policy covers answers 500',
    event: true,
  },
  OutboundNotAllowed: {
    under: { ResolvedRefs: 'False' },
    message: 'outbound.allowedHosts of the Gatehouse does not let this namespace go there, or it is not https',
    event: true,
  },
  NoKeysSelected: {
    under: { ResolvedRefs: 'False' },
    message: 'The selector finds no Secret of type gatehouse.dev/api-keys',
    event: true,
  },
} as const satisfies { readonly [name: string]: ReasonRow }
