import { apiRequests, waitFor, type ApiRequests } from '../apiserver/apiRequests.ts'
import { startApiServer } from '../cluster/apiserver.ts'
import { chartFolder, helm, type HelmOptions } from './helm.ts'

type Output = Promise<{ readonly stdout: string; readonly stderr: string }>

/** A real API server with the kinds of Gatehouse and some namespaces, all of them restricted. */
export interface ChartServer {
  readonly api: ApiRequests
  /** Applies as `helm install` does: on the server's side, with strict validation. */
  apply(objects: readonly object[], ...args: readonly string[]): Output
  /** Runs Helm as an administrator. @throws Error with what it says when it fails */
  helm(args: readonly string[], options?: Pick<HelmOptions, 'input'>): Promise<string>
  /** Asks what creating these would give, and creates nothing. */
  tryCreate(objects: readonly object[]): Output
  close(): Promise<void>
}

const namespace = (name: string): object => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
})

const priority = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1 }

const stream = (objects: readonly object[]): string => objects.map((object) => JSON.stringify(object)).join('\n---\n')

/** Starts it, and installs the chart of the kinds. */
export async function startChartServer(): Promise<ChartServer> {
  const server = await startApiServer()
  const api = apiRequests(server)
  const kubectl = (args: readonly string[], objects: readonly object[]): Output =>
    server.kubectl([...args, '--validate=strict', '-f', '-'], stream(objects))
  const apply: ChartServer['apply'] = (objects, ...args) => kubectl(['apply', '--server-side', ...args], objects)
  await waitFor(api, '/api/v1/namespaces/default', ({ status }) => status === 200)
  await apply([...['gatehouse-system', 'shop', 'pay', 'other'].map(namespace), priority])
  const runHelm: ChartServer['helm'] = async (args, options = {}) => {
    const { status, out, err } = await helm(args, { ...options, kubeconfig: server.kubeconfigPath })
    if (status !== 0) throw new Error(err)
    return out
  }
  await runHelm(['install', 'kinds', chartFolder('gatehouse-crds'), '--namespace', 'gatehouse-system'])
  for (const kind of ['gatehouses', 'gatewayroutes', 'accesspolicies']) {
    await waitFor(api, `/apis/gatehouse.dev/v1alpha1/${kind}`, ({ status }) => status === 200)
  }
  return {
    api,
    apply,
    helm: runHelm,
    tryCreate: (objects) => kubectl(['create', '--dry-run=server'], objects),
    close: async () => {
      api.close()
      await server.close()
    },
  }
}
