import type { OutgoingHttpHeaders } from 'node:http'
import type { ConnectionOptions } from 'node:tls'
import type { ClusterNode } from '../../cluster/clusterNode.ts'
import { waitUntil } from '../../support/waitUntil.ts'
import type { Release } from '../gatehouseRelease.ts'
import { host } from '../shop.ts'
import { BridgeAgent, send } from './bridgeAgent.ts'
import { nodeObjects, type Manifest, type Objects } from './objects.ts'
import { openBridge, type NodeBridge } from './nodeBridge.ts'

/** A request to one data plane. */
export interface Question {
  readonly path: string
  readonly headers?: OutgoingHttpHeaders
  /** Absent = connections that all questions share and that show no certificate. */
  readonly agent?: BridgeAgent
}

/** One installation, and what asks and changes it. */
export interface PolicyWorld {
  readonly node: ClusterNode
  readonly release: Release
  /** The namespace of routes and policies. */
  readonly shop: string
  readonly bridge: NodeBridge
  readonly objects: Objects
  /** Addresses of the data planes. */
  readonly dataplanes: readonly string[]
  /** Connections of their own, with these settings. */
  agent(tls: ConnectionOptions): BridgeAgent
  /** @returns the status, and the code of a refusal behind it: `200`, `401 unauthenticated`; never rejects */
  ask(address: string, question: Question): Promise<string>
  /** Makes a route for `/NAME` and its policy. */
  open(name: string, spec: RouteAccess): Promise<void>
  close(): Promise<void>
}

/** Who may use a route. */
export interface RouteAccess {
  /** Members of the policy's `authentication`. */
  readonly authentication: object
  /** Default: whoever has shown a credential. */
  readonly principal?: readonly object[]
  /** Default: the shop. */
  readonly backendRefs?: readonly object[]
}

const group = 'gatehouse.dev'
const apiVersion = `${group}/v1alpha1`

function textOf(status: number, body: string): string {
  const code = /"type":"urn:gatehouse:problem:([a-z-]+)"/.exec(body)?.[1]
  return code === undefined ? String(status) : `${status} ${code}`
}

export const policyOf = (namespace: string, name: string, { authentication, principal }: RouteAccess): Manifest => ({
  apiVersion,
  kind: 'AccessPolicy',
  metadata: { name, namespace },
  spec: {
    targetRefs: [{ group, kind: 'GatewayRoute', name }],
    authentication,
    authorization: {
      rules: [
        {
          name: 'all',
          action: 'Allow',
          methods: ['*'],
          principal: principal ?? [{ attribute: 'Authenticated' }],
        },
      ],
    },
  },
})

export async function openWorld(
  node: ClusterNode,
  { release, shop }: { readonly release: Release; readonly shop: string },
  inward: Readonly<Record<string, number>>,
): Promise<PolicyWorld> {
  const bridge = await openBridge(node, inward)
  const objects = await nodeObjects(node, bridge)
  const agent: PolicyWorld['agent'] = (tls) =>
    new BridgeAgent(bridge, { ca: release.authority.certificate, servername: host, ...tls })
  const shared = agent({})
  const parentRefs = [{ group, kind: 'Gatehouse', namespace: release.namespace, name: release.name }]
  return {
    node,
    release,
    shop,
    bridge,
    objects,
    dataplanes: await release.podAddresses('dataplane'),
    agent,
    ask: async (address, { path, headers, agent: own }) => {
      const to = { agent: own ?? shared, address, port: 8443, path, headers: { host, ...headers } }
      return await send(to).then(
        ({ status, body }) => textOf(status, body),
        (error: NodeJS.ErrnoException) => `no answer: ${error.code ?? error.message}`,
      )
    },
    open: async (name, access) => {
      const rule = {
        name: 'all',
        matches: [{ path: { type: 'PathPrefix', value: `/${name}` } }],
        backendRefs: access.backendRefs ?? [{ name: 'shop', port: 80 }],
      }
      const spec = { parentRefs, hostnames: [host], rules: [rule] }
      await objects.apply(
        { apiVersion, kind: 'GatewayRoute', metadata: { name, namespace: shop }, spec },
        policyOf(shop, name, access),
      )
    },
    close: async () => {
      shared.destroy()
      objects.close()
      await bridge.close()
    },
  }
}

/**
 * Asks every data plane until it answers so.
 *
 * @param since - of performance.now()
 * @returns milliseconds from then to the last of them
 * @throws Error when one does not within 30 s
 */
export async function untilAll(world: PolicyWorld, since: number, question: Question, wanted: string): Promise<number> {
  const one = async (address: string): Promise<number> => {
    let answer = ''
    const holds = async (): Promise<boolean> => {
      answer = await world.ask(address, question)
      return answer === wanted
    }
    await waitUntil(holds, () => `${question.path} is ${wanted} and not ${answer}`, { within: 30_000 })
    return performance.now() - since
  }
  return Math.max(...(await Promise.all(world.dataplanes.map(one))))
}

/** Waits until an object has a condition. @param wanted - `type=status/reason` */
export async function untilCondition({ objects }: PolicyWorld, manifest: Manifest, wanted: string): Promise<void> {
  let found: readonly string[] = []
  const holds = async (): Promise<boolean> => {
    found = await objects.conditions(manifest)
    return found.includes(wanted)
  }
  const told = (): string => `${manifest.metadata.name} is ${wanted} and not ${found.join(' ')}`
  await waitUntil(holds, told, { within: 30_000, every: 50 })
}

/** A credential as clients send tokens. */
export const bearer = (token: string): OutgoingHttpHeaders => ({ authorization: `Bearer ${token}` })

/** Asks the data planes in turn. @returns what was wrong, or null */
export async function inTurn(world: PolicyWorld, index: number, question: Question): Promise<string | null> {
  const { dataplanes } = world
  const answer = await world.ask(dataplanes[index % dataplanes.length] ?? '', question)
  return answer === '200' ? null : answer
}

export const configMap = (namespace: string, name: string, key: string, text: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace },
  data: { [key]: text },
})
