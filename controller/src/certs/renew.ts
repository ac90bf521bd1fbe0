import type { ObjectName, PushRole } from '@gatehouse/contract'
import type { Clock } from '../clock.ts'
import type { Changes, Secret, SecretChanges, Secrets } from '../kube/secrets.ts'
import type { Log } from '../log.ts'
import { authorityData, DamagedEntryError, readAuthority } from './authoritySecret.ts'
import type { Mint } from './mint.ts'
import {
  changedAtAnnotation,
  secretLabels,
  secretName,
  secretType,
  signingSinceAnnotation,
  type SecretRole,
} from './names.ts'
import { nextAuthority } from './nextAuthority.ts'
import { plan, type At, type AuthorityAction, type RoleStep, type Step } from './plan.ts'
import { CertificatesError } from './refusal.ts'
import { readRole, roleData } from './roleSecret.ts'
import type { AuthorityState, CertificateSource, Observed } from './state.ts'

/** What the push channel's Secrets are looked after with. */
export interface RenewOptions {
  readonly installation: ObjectName
  readonly source: CertificateSource
  readonly secrets: Secrets
  readonly mint: Mint
  readonly clock: Clock
  readonly log: Log
  /** False for a controller, which may not create Secrets. */
  readonly mayCreate: boolean
  /** Asked right before each write; false = stop without a word. */
  readonly mayWrite: () => boolean
}

/** Reads that somebody else's writes may spoil, before it is given up. The longest way needs four. */
const maxRounds = 20
/** Milliseconds after which a plan is too old to be carried out, as after a long stop of this process. */
const planAge = 60_000

type Found = Readonly<Record<SecretRole, Secret | null>>

function refuseForeign(secret: Secret, role: SecretRole, installation: ObjectName): void {
  const labels = Object.entries(secretLabels(installation))
  const ours = secret.type === secretType(role) && labels.every(([label, value]) => secret.labels.get(label) === value)
  if (!ours) throw new CertificatesError('FOREIGN', { installation, role })
}

async function find(role: SecretRole, { secrets, installation }: RenewOptions): Promise<Secret | null> {
  const secret = await secrets.get(secretName(installation, role))
  if (secret) refuseForeign(secret, role, installation)
  return secret
}

async function findAll(options: RenewOptions): Promise<Found> {
  const [authority, controller, dataplane] = await Promise.all([
    find('authority', options),
    find('controller', options),
    find('dataplane', options),
  ])
  return { authority, controller, dataplane }
}

function authorityIn(secret: Secret | null, installation: ObjectName): AuthorityState | null {
  try {
    return secret && readAuthority(secret)
  } catch (error) {
    if (!(error instanceof DamagedEntryError)) throw error
    throw new CertificatesError('DAMAGED', { installation, role: 'authority', entry: error.entry })
  }
}

function observe(found: Found, { installation }: RenewOptions): Observed {
  const authority = authorityIn(found.authority, installation)
  const roleIn = (role: PushRole) => {
    const secret = found[role]
    return secret && readRole(secret, role, installation, authority?.issuers ?? null)
  }
  return { authority, controller: roleIn('controller'), dataplane: roleIn('dataplane') }
}

const timeText = (time: number): string => new Date(time).toISOString()

async function authorityContent(
  action: AuthorityAction,
  before: AuthorityState | null,
  { mint }: RenewOptions,
  at: At,
): Promise<SecretChanges> {
  const after = await nextAuthority(action, before, mint, at)
  const { since } = after.signing
  return {
    data: authorityData(after),
    annotations: { [signingSinceAnnotation]: since === null ? null : timeText(since) },
  }
}

async function roleContent(
  { secret: role, action }: RoleStep,
  authority: AuthorityState | null,
  { mint, source }: RenewOptions,
  { now }: At,
): Promise<SecretChanges> {
  if (authority === null) throw new Error('there is no authority that a role could follow')
  const issuer = source === 'Own' && action !== 'PUBLISH' ? (authority.issuers?.current ?? null) : null
  const leaf = issuer && (await mint.leaf(issuer, role, now))
  return {
    data: roleData(role, authority, source, leaf),
    annotations: { [changedAtAnnotation]: timeText(now) },
  }
}

const contentOf = (step: Step, before: AuthorityState | null, options: RenewOptions, at: At): Promise<SecretChanges> =>
  step.secret === 'authority'
    ? authorityContent(step.action, before, options, at)
    : roleContent(step, before, options, at)

const present = (changes: Changes): Record<string, string> =>
  Object.fromEntries(Object.entries(changes).filter((entry): entry is [string, string] => entry[1] !== null))

async function write(role: SecretRole, found: Secret | null, content: SecretChanges, options: RenewOptions) {
  const { installation, secrets, mayCreate } = options
  if (found) return await secrets.update(found, content)
  if (!mayCreate) throw new CertificatesError('SECRET_MISSING', { installation, role })
  return await secrets.create({
    name: secretName(installation, role),
    type: secretType(role),
    labels: secretLabels(installation),
    annotations: present(content.annotations),
    data: present(content.data),
  })
}

/** Reads, plans and does one step. @returns whether there may be something left to do */
async function round(options: RenewOptions): Promise<boolean> {
  const { installation, source, clock, log, mayWrite } = options
  const started = clock.monotonic()
  const found = await findAll(options)
  const observed = observe(found, options)
  const at = { source, now: clock.now() }
  const step = plan(observed, at)
  if (step === null) return false
  if (step === 'AUTHORITY_MISSING') throw new CertificatesError(step, { installation, role: 'authority' })
  const content = await contentOf(step, observed.authority, options, at)
  if (clock.monotonic() - started > planAge) return true
  if (!mayWrite()) return false
  if ((await write(step.secret, found[step.secret], content, options)) === 'conflict') return true
  const object = `Secret ${installation.namespace}/${secretName(installation, step.secret)}`
  log('certificates-changed', { object, code: step.action })
  return true
}

/**
 * Makes the three Secrets of the push channel where they are missing and does whatever is due, one Secret after the
 * other, reading all of them again in between. A second run changes nothing, and two at once take turns.
 *
 * @throws CertificatesError when a person must decide; what the client throws
 */
export async function renewCertificates(options: RenewOptions): Promise<void> {
  for (let rounds = 0; rounds < maxRounds; rounds += 1) {
    if (!(await round(options))) return
  }
  throw new CertificatesError('BUSY', { installation: options.installation, role: 'authority' })
}
