/** A moment as the MicroTime of Kubernetes, which has six digits after the second. */
export const microTime = (now: number): string => new Date(now).toISOString().replace('Z', '000Z')
