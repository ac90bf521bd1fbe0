import { kubeAccess } from '../../controller/src/kube/access.ts'
import { KubeClient } from '../../controller/src/kube/client.ts'
import type { ApiServer } from '../cluster/apiserver.ts'

/** The controller's own client, as an administrator of a test's API server. */
export const kubeClient = (server: ApiServer): KubeClient => new KubeClient(kubeAccess(server.kubeconfigPath))

export const clock = { now: () => Date.now(), monotonic: () => performance.now() }
