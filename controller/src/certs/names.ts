import type { ObjectName, PushRole } from '@gatehouse/contract'

/** The three Secrets of the push channel (ADR 0009). */
export type SecretRole = 'authority' | PushRole

export const secretRoles: readonly SecretRole[] = ['authority', 'controller', 'dataplane']

export const secretName = ({ name }: ObjectName, role: SecretRole): string => `${name}-push-${role}`

/** Types of our own: nothing else of Gatehouse reads them, so no object can refer to these keys. */
export const secretType = (role: SecretRole): string => `gatehouse.dev/push-${role}`

export const secretLabels = ({ name }: ObjectName) => ({
  'app.kubernetes.io/managed-by': 'gatehouse',
  'gatehouse.dev/installation': name,
})

/** When the Secret of a role was last changed. RFC 3339. */
export const changedAtAnnotation = 'gatehouse.dev/changed-at'
/** Since when the current signing key is used. RFC 3339. */
export const signingSinceAnnotation = 'gatehouse.dev/signing-since'
