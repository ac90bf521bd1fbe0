import type { QuotaStore } from '@gatehouse/contract'
import type { WorldObject } from '../world.ts'
import { memoised } from './memo.ts'
import { decodedText, member } from './raw.ts'

type Login = QuotaStore['login']

/** How a store is logged in to, and its Sentinels; null = they ask for nothing. */
export interface StoreLogins {
  readonly store: Login
  readonly sentinels: Login
}

// Also no line end, which many tools leave behind the value and no server would take for a part of it.
const printable = /^[^\p{Cc}]+$/u

const isLoginText = (text: string, longest: number): boolean => text.length <= longest && printable.test(text)

const longestName = 256
const longestPassword = 4096

/** Whether data planes log in with such a password. */
export const isStorePassword = (text: string): boolean => isLoginText(text, longestPassword)

/** @returns undefined when it is not what it should be; null = it is not there */
function textAt(secret: WorldObject, key: string, longest: number): string | null | undefined {
  const value = member(secret.raw['data'], key)
  if (value === undefined) return null
  const text = decodedText(value)
  return text !== undefined && isLoginText(text, longest) ? text : undefined
}

/** @returns undefined when it is not what it should be */
function loginAt(secret: WorldObject, user: string, pass: string): Login | undefined {
  const username = textAt(secret, user, longestName)
  const password = textAt(secret, pass, longestPassword)
  if (username === undefined || password === undefined) return undefined
  if (password !== null) return { username, password }
  return username === null ? null : undefined
}

/** What a Secret of type gatehouse.dev/quota-store holds; null when it is not what it should be. */
export const storeLoginsOf = memoised((secret: WorldObject): StoreLogins | null => {
  const store = loginAt(secret, 'username', 'password')
  const sentinels = loginAt(secret, 'sentinelUsername', 'sentinelPassword')
  if (store === undefined || sentinels === undefined || (store === null && sentinels === null)) return null
  return { store, sentinels }
})
