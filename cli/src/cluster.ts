import { AccessError, kubeAccess, KubeClient, MalformedAnswerError, type Access } from '@gatehouse/controller/kube'
import { isCoded } from './codedError.ts'
import { CommandError, exitStatus } from './exit.ts'

/** Milliseconds that the API server may take. */
const patience = 30_000

function accessOf(kubeconfig: string): Access {
  try {
    return kubeAccess(kubeconfig)
  } catch (error) {
    throw error instanceof AccessError ? new CommandError(error.message, exitStatus.unreadable) : error
  }
}

/** Why there was no answer, in a sentence; a fault of this program stays what it is. */
function unanswered(error: unknown, url: string): unknown {
  if (error instanceof CommandError) return error
  const unreadable = (sentence: string) => new CommandError(sentence, exitStatus.unreadable)
  if (error instanceof MalformedAnswerError) return unreadable(`what answers at ${url} is no API server`)
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return unreadable(`the API server ${url} does not answer`)
  if (!isCoded(error)) return error
  return unreadable(
    `the API server ${url} cannot be reached: ${error.code}; start it, or choose another context of the kubeconfig`,
  )
}

/**
 * Does something with the API server of the kubeconfig's current context.
 *
 * @param work - answers of the API server that it did not want are its own to explain
 * @throws CommandError when there is no answer in time
 */
export async function withCluster<T>(
  kubeconfig: string,
  work: (client: KubeClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const access = accessOf(kubeconfig)
  const client = new KubeClient(access, patience, 'gatehouse-cli')
  try {
    return await work(client, AbortSignal.timeout(patience))
  } catch (error) {
    throw unanswered(error, access.url)
  } finally {
    await client.close()
  }
}
