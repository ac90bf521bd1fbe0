import type { Json } from '@gatehouse/contract'
import { bundleVersion, bundleVersionAnnotation, kinds } from '@gatehouse/crds'
import { describe, expect, it } from 'vitest'
import { assertBundle, BundleError } from './bundle.ts'
import { KubeError } from './kubeError.ts'

const total = Object.keys(kinds).length
const crd = (annotations: { readonly [key: string]: Json } | null) => ({ metadata: { name: 'crd', annotations } })
const carrying = (text: string) => crd({ [bundleVersionAnnotation]: text })

describe('assertBundle', () => {
  it('reads every CRD, and is content with this bundle and later ones', async () => {
    const paths: string[] = []
    const get = (path: string) => {
      paths.push(path)
      return Promise.resolve(carrying(String(bundleVersion + paths.length - 1)))
    }
    await assertBundle({ get })
    expect(paths).toHaveLength(total)
    expect(paths).toContain('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/gatewayroutes.gatehouse.dev')
  })

  it.each([
    ['older', carrying(String(bundleVersion - 1))],
    ['without a version', crd(null)],
    ['with a version that is no number', carrying('1; latest')],
    ['missing', null],
  ])('refuses a CRD that is %s, and says what to do', async (_, found) => {
    const refused = assertBundle({ get: () => Promise.resolve(found) })
    await expect(refused).rejects.toThrow(BundleError)
    await expect(refused).rejects.toThrow(/gatehouse\.dev.*; apply the CustomResourceDefinitions of this release/)
  })

  it('passes on that the CRDs cannot be read', async () => {
    const get = () => Promise.reject(new KubeError(403, 'Forbidden'))
    await expect(assertBundle({ get })).rejects.toMatchObject({ status: 403 })
  })
})
