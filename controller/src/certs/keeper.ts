import { errorCode } from '../log.ts'
import { CertificatesError } from './refusal.ts'
import { renewCertificates, type RenewOptions } from './renew.ts'
import { renewTokenKeys } from './tokenKeys.ts'

export interface KeeperOptions extends Omit<RenewOptions, 'mayCreate' | 'mayWrite'> {
  /** Who leads; null = not this process, which then only waits. Asked before each write. */
  readonly authority: { term(): number | null }
  /** In [0, 1). */
  readonly random: () => number
}

const minute = 60_000
/** Milliseconds until the first look, so that also a process that is often started anew gets to look. */
const firstLook = (random: number): number => (1 + 4 * random) * minute
/** Milliseconds between two looks: an hour on the average, and never at once for two processes. */
const nextLook = (random: number): number => (45 + 30 * random) * minute

async function look(options: KeeperOptions, isClosed: () => boolean): Promise<void> {
  const { authority, log } = options
  const term = authority.term()
  if (term === null) return
  const mayWrite = (): boolean => !isClosed() && authority.term() === term
  try {
    await renewCertificates({ ...options, mayCreate: false, mayWrite })
    await renewTokenKeys({ ...options, mayCreate: false, mayWrite })
  } catch (error) {
    const { code, object } = error instanceof CertificatesError ? error : { code: errorCode(error), object: null }
    log(object === null ? 'certificates-failed' : 'certificates-refused', {
      code,
      ...(object === null ? {} : { object }),
    })
  }
}

/**
 * Looks after the Secrets of the push channel for as long as this process leads, about once an hour. Whatever goes
 * wrong is logged and tried again.
 *
 * @returns what ends it
 */
export function startCertificateKeeper(options: KeeperOptions): () => void {
  let closed = false
  let timer: NodeJS.Timeout
  const wait = (time: number): void => {
    timer = setTimeout(() => {
      void look(options, () => closed).finally(() => {
        if (!closed) wait(nextLook(options.random()))
      })
    }, time)
  }
  wait(firstLook(options.random()))
  return () => {
    closed = true
    clearTimeout(timer)
  }
}
