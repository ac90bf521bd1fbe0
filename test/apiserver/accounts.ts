import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiServer } from '../cluster/apiserver.ts'
import { kubeconfig } from '../cluster/kubeconfig.ts'
import type { ApiRequests } from './apiRequests.ts'

/** A ServiceAccount of a test's API server. */
export interface Account {
  readonly namespace: string
  readonly name: string
}

/** As the API server calls it. */
export const userOf = ({ namespace, name }: Account): string => `system:serviceaccount:${namespace}:${name}`

/** Writes a kubeconfig of a ServiceAccount, which must exist, into a folder. @returns its path */
export async function accountKubeconfig(
  server: ApiServer,
  api: ApiRequests,
  account: Account,
  { folder, url = server.url }: { readonly folder: string; readonly url?: string },
): Promise<string> {
  const path = `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`
  const { status, body } = await api.send('POST', path, { spec: { expirationSeconds: 3600 } })
  if (status >= 300) throw new Error(`${path} answered ${status}`)
  const { token } = body['status'] as { readonly token: string }
  const file = join(folder, `${account.name}.json`)
  await writeFile(file, kubeconfig(url, server.caFile, { token }), { mode: 0o600 })
  return file
}
