/** Whether so many of all are at least this share, in percent. */
const isEnough = (some: number, all: number, percent: number): boolean => some * 100 >= percent * all

/** What may be asked, and what is asked from here. */
export interface Standing {
  readonly asked: readonly number[]
  /** Some of them, or all. */
  readonly near: readonly number[]
}

/**
 * The places that get requests. When too few are healthy, health is ignored: those that are left could not bear it all,
 * and what says that they are unhealthy is as likely to be wrong. When too few of the near ones are, all healthy ones
 * are asked.
 *
 * @param panicThreshold - percent
 */
export function usableOf(
  { asked, near }: Standing,
  isHealthy: (place: number) => boolean,
  panicThreshold: number,
): readonly number[] {
  const healthy = asked.filter(isHealthy)
  if (healthy.length === asked.length || !isEnough(healthy.length, asked.length, panicThreshold)) return near
  if (near === asked) return healthy
  const nearby = near.filter(isHealthy)
  return nearby.length > 0 && isEnough(nearby.length, near.length, panicThreshold) ? nearby : healthy
}
