import {
  compareStatements,
  isSecretKind,
  lastGoodHead,
  lastGoodLine,
  lastGoodOf,
  resourceHash,
  resourceKey,
  resourceSpecs,
  revisionOf,
  type Json,
  type LastGoodLine,
  type LastGoodPart,
  type SealedResource,
  type SignedRevision,
  type Snapshot,
} from '@gatehouse/contract'
import { maxResources, withinStack, type Expected } from './store.ts'

/** Why a file, or a part of what it says, was not taken. */
export type LastGoodFault =
  | 'MALFORMED'
  | 'BAD_SIGNATURE'
  | 'WRONG_INSTALLATION'
  | 'HASH_MISMATCH'
  | 'REVISION_MISMATCH'
  /** The other file is of a later publication. */
  | 'OUTDATED'
  /** It was published longer ago than `lastGood.maxAge`. */
  | 'TOO_OLD'
  /** Secrets that belong to the configuration are in no file. */
  | 'SECRETS_MISSING'

/** What the files of a last good snapshot are worth. */
export interface LastGoodFinding {
  /** What may serve; null = nothing. */
  readonly found: {
    readonly snapshot: Snapshot
    readonly signed: SignedRevision
    /** False when secrets are missing: then the snapshot lacks them, and the TLS listeners that need them. */
    readonly whole: boolean
  } | null
  /** The latest statement that the leader really made, whatever the files are worth otherwise. */
  readonly last: SignedRevision | null
  readonly faults: readonly LastGoodFault[]
}

/** The text of each file; null = there is none. */
export type LastGoodTexts = { readonly [P in LastGoodPart]: string | null }

interface Head {
  readonly signed: SignedRevision
  readonly lines: readonly string[]
}

/**
 * Judges the files of a last good snapshot. Pure. Only what the leader has signed, as a whole and for this installation,
 * is taken; who can write the files can at most put back an earlier signed state of both.
 *
 * @param now - milliseconds since the epoch
 */
export function readLastGood(texts: LastGoodTexts, expected: Expected, now: number): LastGoodFinding {
  const configuration = headOf(texts.configuration, 'configuration', expected)
  const secrets = headOf(texts.secrets, 'secrets', expected)
  const faults = [configuration, secrets].filter((head) => typeof head === 'string')
  const [own, other] = [headOrNull(configuration), headOrNull(secrets)]
  const last = latest(own?.signed ?? null, other?.signed ?? null)
  const nothing = (...more: readonly LastGoodFault[]): LastGoodFinding => ({
    found: null,
    last,
    faults: [...faults, ...more],
  })
  if (own === null) return nothing()
  if (last !== own.signed) return nothing('OUTDATED')
  const lines = configurationLines(own)
  if (typeof lines === 'string') return nothing(lines)
  const settings = lastGoodOf({ revision: own.signed.revision, resources: readable(lines) })
  if (settings.maxAge > 0 && now - own.signed.issuedAt > settings.maxAge) return nothing('TOO_OLD')
  const kept =
    settings.secrets === 'Keep' && other !== null ? secretResources(other.lines) : new Map<string, SealedResource>()
  const resources = filled(lines, kept)
  const whole = resources.size === lines.length
  const snapshot = { revision: own.signed.revision, resources: whole ? resources : withoutClosed(resources) }
  const missing: LastGoodFault[] = whole ? [] : ['SECRETS_MISSING']
  return { found: { snapshot, signed: own.signed, whole }, last, faults: [...faults, ...missing] }
}

const headOrNull = (head: Head | LastGoodFault | null): Head | null => (typeof head === 'string' ? null : head)

/** Of two made by the same leader at once, the first. */
function latest(a: SignedRevision | null, b: SignedRevision | null): SignedRevision | null {
  if (a === null || b === null) return a ?? b
  return compareStatements(a, b) >= 0 ? a : b
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** @returns null when there is no file */
function headOf(text: string | null, part: LastGoodPart, expected: Expected): Head | LastGoodFault | null {
  if (text === null) return null
  // One more than there may be; a file of nothing but line feeds would take up many times its size.
  const [first = '', ...lines] = text.split('\n', maxResources + 3)
  const head = lastGoodHead.safeParse(parsed(first))
  // Every line ends in a line feed: without the last one the file is torn.
  if (!head.success || head.data.part !== part || lines.pop() !== '' || lines.length > maxResources) return 'MALFORMED'
  const { signed } = head.data
  if (!expected.isSigned(signed)) return 'BAD_SIGNATURE'
  return signed.installation === expected.installation ? { signed, lines } : 'WRONG_INSTALLATION'
}

/** @returns null when the line is none, or its spec has another hash */
function lineOf(text: string): LastGoodLine | LastGoodFault {
  const value = parsed(text)
  const line = withinStack(() => lastGoodLine.safeParse(value))
  if (!line?.success) return 'MALFORMED'
  // The value as written, not zod's copy, as on the wire.
  const said = value as LastGoodLine
  if (!('spec' in said)) return isSecretKind(said.kind) ? said : 'MALFORMED'
  const hash = withinStack(() => resourceHash({ ...said, spec: said.spec as Json }))
  return hash === said.hash ? said : 'HASH_MISMATCH'
}

function configurationLines({ signed, lines }: Head): readonly LastGoodLine[] | LastGoodFault {
  const read: LastGoodLine[] = []
  for (const text of lines) {
    const line = lineOf(text)
    if (typeof line === 'string') return line
    read.push(line)
  }
  if (new Set(read.map(resourceKey)).size < read.length) return 'MALFORMED'
  return revisionOf(read) === signed.revision ? read : 'REVISION_MISMATCH'
}

const isWhole = (line: LastGoodLine): line is SealedResource => 'spec' in line

const readable = (lines: readonly LastGoodLine[]): ReadonlyMap<string, SealedResource> =>
  new Map(lines.filter(isWhole).map((line) => [resourceKey(line), line]))

/** Secrets by hash. What is no sound line is passed over: the configuration says which hashes it needs. */
function secretResources(lines: readonly string[]): Map<string, SealedResource> {
  const secrets = new Map<string, SealedResource>()
  for (const text of lines) {
    const line = lineOf(text)
    if (typeof line !== 'string' && isWhole(line)) secrets.set(line.hash, line)
  }
  return secrets
}

/** The resources of a configuration with the secrets that there are. A hash covers kind and name as well. */
function filled(
  lines: readonly LastGoodLine[],
  secrets: ReadonlyMap<string, SealedResource>,
): Map<string, SealedResource> {
  const found = lines.flatMap((line) => (isWhole(line) ? line : (secrets.get(line.hash) ?? [])))
  return new Map(found.map((resource) => [resourceKey(resource), resource]))
}

/** Without the listeners whose certificates are missing: a closed port tells load balancers more than a failed handshake. */
function withoutClosed(resources: ReadonlyMap<string, SealedResource>): ReadonlyMap<string, SealedResource> {
  const closed = (resource: SealedResource): boolean => {
    if (resource.kind !== 'listener') return false
    const listener = resourceSpecs.listener.safeParse(resource.spec)
    const certificates = listener.success ? (listener.data.tls?.certificates ?? []) : []
    return certificates.some((name) => !resources.has(resourceKey({ kind: 'certificate', name })))
  }
  return new Map([...resources].filter(([, resource]) => !closed(resource)))
}
