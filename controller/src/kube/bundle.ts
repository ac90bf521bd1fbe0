import { bundleVersion, bundleVersionAnnotation, group, kinds } from '@gatehouse/crds'
import { member, textOf } from '../compile/raw.ts'
import type { KubeClient } from './client.ts'

/** The CRDs of the cluster are older than what this controller reads. Its message says what to do. */
export class BundleError extends Error {
  readonly code = 'CRDS_OUTDATED'
}

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const remedy = 'apply the CustomResourceDefinitions of this release'

/**
 * Checks that the cluster has every CRD of Gatehouse, none of an older bundle: fields that an older schema does not know
 * were dropped from objects, and what is missing might have been a restriction.
 *
 * @throws BundleError; KubeError when the CRDs cannot be read
 */
export async function assertBundle(client: Pick<KubeClient, 'get'>): Promise<void> {
  for (const { plural } of Object.values(kinds)) {
    const name = `${plural}.${group}`
    const crd = await client.get(`${definitions}/${name}`)
    if (crd === null) throw new BundleError(`the CustomResourceDefinition ${name} is missing; ${remedy}`)
    const text = textOf(member(member(crd['metadata'], 'annotations'), bundleVersionAnnotation)) ?? ''
    const found = /^\d{1,9}$/.test(text) ? Number(text) : 0
    if (found < bundleVersion) {
      throw new BundleError(
        `the CustomResourceDefinition ${name} is of bundle ${found}, and this controller needs ${bundleVersion}; ${remedy}`,
      )
    }
  }
}
