/** Addresses in a node's network namespace, which no route leaves: several nodes may use them side by side. */
export const nodeNetwork = {
  /** The node's own. */
  address: '10.245.0.1',
  pods: '10.246.0.0/24',
  services: '10.97.0.0/16',
  /** Of the Service `kubernetes`. */
  firstService: '10.97.0.1',
  dns: '10.97.0.10',
  apiServer: 'https://127.0.0.1:6443',
} as const

/** The node's name in the cluster, and its host name. */
export const nodeName = 'node'
