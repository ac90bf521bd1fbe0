import { spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from 'vitest'
import { guideBlocks, runBlocks } from './guide.ts'
import { sharedNode } from './sharedNode.ts'

/** Needs what no test has; the images are on the node already. */
const isLoading = (block: string): boolean => /^(make (images|node-up)|kind load|ctr )/.test(block)

/** Beside the guide: every single request of the demo, through the port that the guide forwards. */
const requests = 'node_modules/.bin/node test/node/quickstartRequests.ts 8443 my-keys/shop.crt\n'

describe('the installation guide, word for word', () => {
  const printed = new Map<string, string>()
  const outputOf = (command: string): string => {
    const found = [...printed].filter(([block]) => block.includes(command))
    expect(found).toHaveLength(1)
    return found[0]?.[1] ?? ''
  }

  beforeAll(async () => {
    const blocks = (await guideBlocks('docs/guides/install.md')).filter((block) => !isLoading(block))
    const node = sharedNode()
    // The reader has a cluster without Gatehouse; what other tests installed is taken over.
    await node.helm(['uninstall', 'gatehouse-crds', '--namespace', 'gatehouse-system', '--ignore-not-found'])
    const first = blocks.findIndex((block) => block.includes('/orders/1'))
    const all = [...blocks.slice(0, first + 1), requests, ...blocks.slice(first + 1)]
    const outputs = await runBlocks(node, all)
    for (const [index, block] of all.entries()) printed.set(block, outputs[index] ?? '')
  }, 600_000)

  it('installs, and its own test passes', () => {
    expect(outputOf('helm test edge')).toMatch(/^Phase:\s+Succeeded$/m)
  })

  it('lets the first request in, without its token and with the identity that the gateway verified', () => {
    const answer = JSON.parse(
      outputOf('/orders/1')
        .split('\n')
        .find((line) => line.startsWith('{"method"')) ?? '',
    ) as {
      readonly url: string
      readonly headers: { readonly [name: string]: string }
    }
    expect(answer.url).toBe('/orders/1')
    expect(answer.headers).not.toHaveProperty('authorization')
    expect(answer.headers).toHaveProperty('x-gatehouse-subject')
  })

  it('answers each request of the quick start as on a developer machine', () => {
    const line = outputOf(requests)
      .split('\n')
      .find((text) => text.startsWith('{"requests"'))
    const { requests: sent, differences } = JSON.parse(line ?? '') as { requests: number; differences: string[] }
    expect(differences).toEqual([])
    expect(sent).toBeGreaterThan(20)
  })

  it('prints metrics that Prometheus takes without a complaint', () => {
    const page = outputOf('/metrics')
      .split('\n')
      .filter((line) => /^(#|gatehouse_)/.test(line))
      .join('\n')
    expect(page).toContain('gatehouse_requests_total')
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
      input: `${page}\n`,
      encoding: 'utf8',
    })
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' })
  })

  it('rolls back, and leaves routes and policies behind when it is removed', () => {
    expect(outputOf('helm rollback')).toContain('Rollback was a success')
    expect(outputOf('helm uninstall edge')).toContain('uninstalled')
  })
})
