import { isIP } from 'node:net'
import type { Endpoint } from '@gatehouse/contract'

/** `address:port`, IPv6 in brackets. */
export const addressText = ({ address, port }: Pick<Endpoint, 'address' | 'port'>): string =>
  isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`
