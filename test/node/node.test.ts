import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { nodeNetwork } from '../cluster/nodeNetwork.ts'
import { drainSeconds, echo } from './echo.ts'
import { sharedNode } from './sharedNode.ts'

const namespace = 'node-echo'

interface Answer {
  readonly host: string
  readonly user: number
  readonly target: string
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string }
  readonly status: { readonly podIP: string }
}

describe('the node under test', () => {
  const node = sharedNode()

  const kubectl = async (...args: readonly string[]): Promise<string> =>
    (await node.kubectl(['-n', namespace, ...args])).stdout
  const rollOut = (): Promise<string> => kubectl('rollout', 'status', 'deployment/echo', '--timeout=60s')
  const pods = async (): Promise<readonly Pod[]> =>
    (JSON.parse(await kubectl('get', 'pods', '-l', 'app=echo', '-o', 'json')) as { items: Pod[] }).items
  const field = (object: string, path: string): Promise<string> => kubectl('get', object, '-o', `jsonpath={${path}}`)
  const ask = async (address: string): Promise<Answer> => {
    const { stdout } = await node.inside(['curl', '-sSf', '--max-time', '5', `http://${address}/from-the-node`])
    return JSON.parse(stdout) as Answer
  }
  const look = (...args: readonly string[]): Promise<string> =>
    kubectl('exec', 'deployment/echo', '--', '/echo', ...args)

  beforeAll(async () => {
    await node.apply(echo(namespace))
    await rollOut()
  })

  it('is ready, and of the version that the tests pin', async () => {
    const [status, version] = (await field('node/node', '.status.conditions[?(@.type=="Ready")].status'))
      .concat(' ', await field('node/node', '.status.nodeInfo.kubeletVersion'))
      .split(' ')
    expect(status).toBe('True')
    expect(version).toMatch(/^v1\.\d+\.\d+$/)
  })

  it('answers on a Service address, as the user of the image', async () => {
    const answer = await ask(await field('service/echo', '.spec.clusterIP'))
    expect(answer).toMatchObject({ user: 65532, target: '/from-the-node' })
    expect((await pods()).map(({ metadata }) => metadata.name)).toContain(answer.host)
  })

  it('answers by name, to the node and to a pod', async () => {
    expect(await ask(`echo.${namespace}.svc.cluster.local`)).toMatchObject({ target: '/from-the-node' })
    expect(JSON.parse(await look('get', 'http://echo/from-a-pod'))).toMatchObject({ target: '/from-a-pod' })
  })

  it('answers on a port of the node', async () => {
    const port = await field('service/echo', '.spec.ports[0].nodePort')
    expect(await ask(`${nodeNetwork.address}:${port}`)).toMatchObject({ target: '/from-the-node' })
  })

  it('forwards a port to a pod', async () => {
    const args = ['-n', namespace, 'port-forward', 'deployment/echo', ':http', '--address=127.0.0.1']
    const forwarding = node.spawn([node.handle.binaries.kubectl, ...args])
    try {
      let port: string | undefined
      for await (const line of createInterface({ input: forwarding.stdout! })) {
        port = /^Forwarding from 127\.0\.0\.1:(\d+)/.exec(line)?.[1]
        if (port !== undefined) break
      }
      expect(await ask(`127.0.0.1:${port}`)).toMatchObject({ target: '/from-the-node' })
    } finally {
      forwarding.kill()
    }
  })

  it('mounts a token for the audience that a volume names', async () => {
    const claims = decodeJwt(await look('read', '/var/run/secrets/example/token'))
    expect(claims).toMatchObject({ aud: ['example'], sub: `system:serviceaccount:${namespace}:default` })
  })

  it('lets no pod run that is not restricted', async () => {
    const args = ['run', 'privileged', '--image=localhost/echo:1', '--privileged']
    await expect(node.kubectl(['-n', namespace, ...args])).rejects.toMatchObject({
      stderr: expect.stringContaining('violates PodSecurity "restricted') as string,
    })
  })

  it('lets a pod serve on for as long as its preStop sleeps, and replaces it', async () => {
    const [ending] = await pods()
    const name = ending!.metadata.name
    await kubectl('delete', 'pod', name, '--wait=false')
    const told = performance.now()
    let lastAnswer = told
    const answers = (): Promise<boolean> => ask(`${ending!.status.podIP}:8080`).then(Boolean, () => false)
    for (; await answers(); await pause(20)) lastAnswer = performance.now()
    expect(lastAnswer - told).toBeGreaterThan(drainSeconds * 1000 - 500)
    await kubectl('wait', '--for=delete', `pod/${name}`, '--timeout=30s')
    await rollOut()
  })

  it('rolls out new pods in place of all old ones', async () => {
    const old = (await pods()).map(({ metadata }) => metadata.name)
    await kubectl('rollout', 'restart', 'deployment/echo')
    await rollOut()
    const serving = async (): Promise<readonly string[]> =>
      (await pods())
        .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
        .map(({ metadata }) => metadata.name)
    while ((await serving()).length !== 2) await pause(50)
    expect((await serving()).filter((name) => old.includes(name))).toEqual([])
  })

  it('is what helm talks to', async () => {
    expect(JSON.parse((await node.helm(['list', '-n', namespace, '--output', 'json'])).stdout)).toEqual([])
  })
})
