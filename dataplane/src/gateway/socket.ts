import type { ResourceSpec } from '@gatehouse/contract'

type Place = Pick<ResourceSpec<'listener'>, 'address' | 'port' | 'protocol'>

/** Names the socket of a listener, which all listeners of its address and port share. */
export const socketOf = ({ address, port, protocol }: Place): string => `${protocol} ${address} ${port}`
