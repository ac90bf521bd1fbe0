import { pushAudience } from '@gatehouse/contract'
import { listOf, member, textOf } from '../compile/raw.ts'
import type { KubeClient } from './client.ts'
import { MalformedAnswerError } from './kubeError.ts'

const path = '/apis/authentication.k8s.io/v1/tokenreviews'
/** The API server's name for the Pod that a projected token is bound to. */
const podName = 'authentication.kubernetes.io/pod-name'

/** A ServiceAccount. */
interface Account {
  readonly namespace: string
  readonly name: string
}

/**
 * Asks the API server who holds a token.
 *
 * @returns a function that says whether a token is meant for the push channel, is of this ServiceAccount and is bound to
 *   the Pod named; it rejects when the API server does not answer
 */
export function tokenReview(
  client: Pick<KubeClient, 'create'>,
  { namespace, name }: Account,
): (token: string | null, pod: string) => Promise<boolean> {
  const account = `system:serviceaccount:${namespace}:${name}`
  return async (token, pod) => {
    if (token === null) return false
    const review = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [pushAudience] },
    }
    const written = await client.create(path, review)
    if (typeof written === 'string') throw new MalformedAnswerError('a TokenReview was not answered')
    const { status } = written.object
    const user = member(status, 'user')
    const pods = listOf(member(member(user, 'extra'), podName))
    return (
      member(status, 'authenticated') === true &&
      // An API server that does not know audiences answers none, and may have taken a token for anybody.
      listOf(member(status, 'audiences')).includes(pushAudience) &&
      textOf(member(user, 'username')) === account &&
      pods.length === 1 &&
      pods[0] === pod
    )
  }
}
