/** How a client says who it is: a token, or paths of its certificate and key. */
export type ClientCredential =
  { readonly token: string } | { readonly 'client-certificate': string; readonly 'client-key': string }

/** The text of a kubeconfig with one cluster and one user. @param caFile - path of the cluster's authority */
export const kubeconfig = (server: string, caFile: string, user: ClientCredential): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'user', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'user' } }],
  })
