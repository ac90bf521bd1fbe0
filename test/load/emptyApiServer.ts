import { writeFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { bundleVersion, bundleVersionAnnotation } from '@gatehouse/crds'
import { createAuthority } from '../support/authority.ts'

/** What a controller takes for the API server of an empty cluster: enough to start on, and nothing happens in it. */
export interface EmptyApiServer {
  /** Path of a kubeconfig. */
  readonly kubeconfig: string
  close(): void
}

const answer = (response: ServerResponse, body: object): void => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(body))
}

/** @param folder - where the kubeconfig is written */
export async function startEmptyApiServer(folder: string): Promise<EmptyApiServer> {
  const authority = await createAuthority()
  const { certificate: cert, privateKey: key } = await authority.leaf({ addresses: ['127.0.0.1'] })
  const server = createServer({ cert, key }, ({ url }, response) => {
    if (url!.includes('watch=')) response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    else if (/\/customresourcedefinitions\/./.test(url!))
      answer(response, { metadata: { annotations: { [bundleVersionAnnotation]: String(bundleVersion) } } })
    else answer(response, { metadata: { resourceVersion: '1' }, items: [] })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const kubeconfig = join(folder, 'kubeconfig')
  const cluster = {
    server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    'certificate-authority-data': Buffer.from(authority.certificate).toString('base64'),
  }
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'empty', cluster }],
    users: [{ name: 'nobody', user: { token: 'nobody' } }],
    contexts: [{ name: 'empty', context: { cluster: 'empty', user: 'nobody' } }],
    'current-context': 'empty',
  }
  await writeFile(kubeconfig, JSON.stringify(config))
  return {
    kubeconfig,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
