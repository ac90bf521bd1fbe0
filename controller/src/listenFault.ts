import { errorCode } from './log.ts'

const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? `${value}` : '?')

/** Which socket cannot be opened, and what to do, as a sentence; null = it is another fault. */
export function listenFault(error: unknown): string | null {
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return null
  const address = 'address' in error ? textOf(error.address) : '?'
  const port = 'port' in error ? textOf(error.port) : '?'
  return `${address} port ${port} cannot be listened on (${errorCode(error)}); free it, or set GATEHOUSE_PUSH, GATEHOUSE_ADMIN or GATEHOUSE_KEY_SET, whichever it is, to another`
}
