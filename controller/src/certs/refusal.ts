import type { ObjectName } from '@gatehouse/contract'
import { secretLabels, secretName, secretRoles, secretType, type SecretRole } from './names.ts'

/** Why nothing was changed; each needs a person. */
export type RefusalCode = 'FOREIGN' | 'DAMAGED' | 'AUTHORITY_MISSING' | 'SECRET_MISSING' | 'BUSY'

/** The Secret concerned, and of a damaged one the entry. */
export interface RefusedSecret {
  readonly installation: ObjectName
  readonly role: SecretRole
  readonly entry?: string
}

const anew = ({ installation }: RefusedSecret): string =>
  `or, to begin anew, delete the Secrets ${secretRoles.map((role) => secretName(installation, role)).join(', ')} and ` +
  'run this again: until the new ones are mounted, which takes about two minutes, data planes take no new configuration'

const labelText = (installation: ObjectName): string =>
  Object.entries(secretLabels(installation))
    .map(([label, value]) => `${label}=${value}`)
    .join(' and ')

const sentences: Readonly<Record<RefusalCode, (refused: RefusedSecret) => string>> = {
  FOREIGN: ({ installation, role }) =>
    `was not made for this installation, so it is left alone (ours has type ${secretType(role)} and the labels ` +
    `${labelText(installation)}); remove it, or give the installation another name`,
  DAMAGED: (refused) => `has no usable ${refused.entry}; restore the Secret from a backup, ${anew(refused)}`,
  AUTHORITY_MISSING: (refused) =>
    `is missing, but the Secrets that were made with it are there; restore it from a backup, ${anew(refused)}`,
  SECRET_MISSING: () => 'is missing and a controller may not create it; run `controller certs`, as helm upgrade does',
  BUSY: () => 'was changed by somebody else each time; find out who changes it, and run this again',
}

/** The Secrets are in a state that only a person may change. Nothing was overwritten. Its message says what to do. */
export class CertificatesError extends Error {
  /** For logs; of a damaged Secret it names the entry, such as `DAMAGED_CA_KEY`. */
  readonly code: string
  /** For logs. */
  readonly object: string

  constructor(code: RefusalCode, refused: RefusedSecret) {
    const object = `Secret ${refused.installation.namespace}/${secretName(refused.installation, refused.role)}`
    super(`${object} ${sentences[code](refused)}.`)
    this.code = refused.entry ? `${code}_${refused.entry.replace(/[.-]/g, '_').toUpperCase()}` : code
    this.object = object
  }
}
