import type { ResourceSpec } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { memoised } from './memo.ts'
import { decodedText, member } from './raw.ts'

type ClientCredential = ResourceSpec<'clientCredential'>

// Also no line end, which many tools leave behind the value and no server would take for a part of it.
const printable = /^[^\p{Cc}]+$/u

const textAt = (secret: WorldObject, key: string, longest: number): string | null => {
  const text = decodedText(member(secret.raw['data'], key))
  return text !== undefined && text.length <= longest && printable.test(text) ? text : null
}

/** The client that a Secret holds; null when a key is missing, empty, too long or not plain text. */
export const clientCredentialOf = memoised((secret: WorldObject): ClientCredential | null => {
  const clientId = textAt(secret, 'clientId', 1024)
  const clientSecret = textAt(secret, 'clientSecret', 4096)
  return clientId === null || clientSecret === null ? null : { clientId, clientSecret }
})
