import { bundleVersion, bundleVersionAnnotation } from '@gatehouse/crds'
import { describe, expect, it, vi } from 'vitest'
import type { WorldSource } from '../world.ts'
import { afterBundle } from './afterBundle.ts'
import type { KubeObject } from './client.ts'
import { KubeError } from './kubeError.ts'

const definition = (version: number): KubeObject => ({
  metadata: { annotations: { [bundleVersionAnnotation]: String(version) } },
})

function setUp(get: () => Promise<KubeObject | null>) {
  const source = {
    start: vi.fn(),
    world: vi.fn(() => null),
    relist: vi.fn(() => Promise.resolve()),
    close: vi.fn(() => Promise.resolve()),
  } satisfies WorldSource
  const [outdated, failed] = [vi.fn(), vi.fn()]
  return {
    source,
    outdated,
    failed,
    gated: afterBundle(source, { client: { get }, outdated, failed, random: () => 0 }),
  }
}

const nothing = (): void => undefined

describe('a source behind the check of the CRDs', () => {
  it('begins when the cluster has them', async () => {
    const { gated, source } = setUp(() => Promise.resolve(definition(bundleVersion)))
    gated.start(nothing, nothing)
    await vi.waitFor(() => expect(source.start).toHaveBeenCalledExactlyOnceWith(nothing, nothing))
  })

  it('waits for an API server that does not answer yet', async () => {
    const get = vi.fn(() => Promise.resolve<KubeObject | null>(definition(bundleVersion)))
    get.mockRejectedValueOnce(new KubeError(503, '')).mockRejectedValueOnce(new Error('connect ECONNREFUSED'))
    const { gated, source, failed, outdated } = setUp(get)
    gated.start(nothing, nothing)
    await vi.waitFor(() => expect(source.start).toHaveBeenCalledOnce())
    expect(failed).toHaveBeenCalledTimes(2)
    expect(outdated).not.toHaveBeenCalled()
  })

  it('never begins with CRDs of an older bundle, or without them', async () => {
    for (const found of [definition(bundleVersion - 1), null]) {
      const { gated, source, outdated } = setUp(() => Promise.resolve(found))
      gated.start(nothing, nothing)
      await vi.waitFor(() => expect(outdated).toHaveBeenCalledOnce())
      expect(source.start).not.toHaveBeenCalled()
    }
  })

  it('begins nothing after it was closed', async () => {
    const answer = Promise.withResolvers<KubeObject | null>()
    const { gated, source } = setUp(() => answer.promise)
    gated.start(nothing, nothing)
    await gated.close()
    answer.resolve(definition(bundleVersion))
    await answer.promise
    await Promise.resolve()
    expect(source.start).not.toHaveBeenCalled()
    expect(source.close).toHaveBeenCalledOnce()
  })
})
