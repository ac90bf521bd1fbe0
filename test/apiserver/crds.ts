import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { group, kinds, version } from '@gatehouse/crds'
import { parse } from 'yaml'
import { waitFor, type ApiRequests } from './apiRequests.ts'

const folder = join(import.meta.dirname, '../../crds')
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

async function create(api: ApiRequests, file: string): Promise<void> {
  const crd: unknown = parse(readFileSync(file, 'utf8'))
  const { status, body } = await api.send('POST', `${definitions}?fieldValidation=Strict`, crd)
  if (status !== 201) throw new Error(`${file} was refused: ${String(body['message'])}`)
}

/** Creates the kind ReferenceGrant of the Gateway API and waits until the API server serves it. */
export async function installReferenceGrants(api: ApiRequests): Promise<void> {
  await create(api, join(import.meta.dirname, 'referencegrants.yaml'))
  const path = '/apis/gateway.networking.k8s.io/v1beta1/referencegrants'
  await waitFor(api, path, ({ status }) => status === 200)
}

/** Creates the committed CRDs and waits until the API server serves their kinds. */
export async function installCrds(api: ApiRequests): Promise<void> {
  for (const { plural } of Object.values(kinds)) await create(api, join(folder, `${plural}.yaml`))
  for (const { plural } of Object.values(kinds)) {
    await waitFor(api, `/apis/${group}/${version}/${plural}`, ({ status }) => status === 200)
  }
}
