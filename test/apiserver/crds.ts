import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { group, kinds, version } from '@gatehouse/crds'
import { parse } from 'yaml'
import { waitFor, type ApiRequests } from './apiRequests.ts'

const folder = join(import.meta.dirname, '../../crds')
const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Creates the committed CRDs and waits until the API server serves their kinds. */
export async function installCrds(api: ApiRequests): Promise<void> {
  for (const { plural } of Object.values(kinds)) {
    const crd: unknown = parse(readFileSync(join(folder, `${plural}.yaml`), 'utf8'))
    const { status, body } = await api.send('POST', `${definitions}?fieldValidation=Strict`, crd)
    if (status !== 201) throw new Error(`${plural}.yaml was refused: ${String(body['message'])}`)
  }
  for (const { plural } of Object.values(kinds)) {
    await waitFor(api, `/apis/${group}/${version}/${plural}`, ({ status }) => status === 200)
  }
}
