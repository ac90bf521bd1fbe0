/**
 * Says whether a token is that of the Pod of this name (M21). Rejects when that cannot be found out now, which refuses the
 * data plane as well.
 */
export type Authenticate = (token: string | null, instance: string) => Promise<boolean>
