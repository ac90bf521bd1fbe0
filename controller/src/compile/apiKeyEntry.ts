import { sha256, type ResourceSpec } from '@gatehouse/contract'
import { z } from 'zod'
import { decodedText, jsonOfOnce } from './raw.ts'

/** A client as data planes know it. */
export type ApiKeyClient = ResourceSpec<'credentials'>['clients'][number]

type Value = Parameters<typeof decodedText>[0]

const attribute = z.string().min(1).max(256)
/** RFC 3339 with seconds and an offset. */
const instant = z.iso.datetime({ offset: true })

const key = {
  keyHash: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  notBefore: instant.optional(),
  expiresAt: instant.optional(),
}

const attributes = {
  roles: z.array(attribute).max(64).default([]),
  scopes: z.array(attribute).max(64).default([]),
  tenant: attribute.optional(),
  plan: attribute.optional(),
}

/** An entry of a Secret of type gatehouse.dev/api-keys: the key is the client id, the value this as JSON. */
const entry = z.union([
  z.strictObject({ ...key, ...attributes }),
  /** The form of a rotation: both keys are those of the client. */
  z.strictObject({ keys: z.array(z.strictObject(key)).min(1).max(2), ...attributes }),
])

const clientIdForm = /^[-._a-zA-Z0-9]{1,253}$/
const hashOfNothing = `sha256:${sha256('')}`

/** Whether a name can be that of a client: what the API server takes as a key of a Secret. */
export const isClientId = (id: string): boolean => clientIdForm.test(id)

const time = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text))

/** A client's entry as it is written, in its form with a list; times in RFC 3339. */
export interface ApiKeyEntry {
  readonly keys: readonly {
    readonly keyHash: string
    readonly notBefore?: string | undefined
    readonly expiresAt?: string | undefined
  }[]
  readonly roles: readonly string[]
  readonly scopes: readonly string[]
  readonly tenant?: string | undefined
  readonly plan?: string | undefined
}

/** @returns null when the entry is not sound: a member unknown or twice, a time that is none, … */
export function readApiKeyEntry(text: string): ApiKeyEntry | null {
  const parsed = entry.safeParse(jsonOfOnce(text))
  if (!parsed.success) return null
  const { roles, scopes, tenant, plan } = parsed.data
  const { data } = parsed
  const keys =
    'keys' in data ? data.keys : [{ keyHash: data.keyHash, notBefore: data.notBefore, expiresAt: data.expiresAt }]
  return keys.some(({ keyHash }) => keyHash === hashOfNothing) ? null : { keys, roles, scopes, tenant, plan }
}

/** @returns null when the entry is not sound, or the name not that of a client */
export function apiKeyClient(id: string, base64: Value): ApiKeyClient | null {
  const text = decodedText(base64)
  const read = text === undefined || !isClientId(id) ? null : readApiKeyEntry(text)
  if (read === null) return null
  const { roles, scopes, tenant, plan } = read
  const keys = read.keys.map(({ keyHash, notBefore, expiresAt }) => ({
    keyHash,
    notBefore: time(notBefore),
    expiresAt: time(expiresAt),
  }))
  return { id, keys, roles: [...roles], scopes: [...scopes], tenant: tenant ?? null, plan: plan ?? null }
}

/** Every hash that an entry names, sound or not. */
export const namedHashes = (base64: Value): readonly string[] =>
  decodedText(base64)?.match(/sha256:[0-9a-f]{64}/g) ?? []
