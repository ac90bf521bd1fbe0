import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startControllerProcess } from '../apiserver/controllerProcess.ts'
import { createPushChannel, credentialsFolder, type CredentialsFolder } from '../support/pushChannel.ts'
import { installation } from './follower.ts'

let folder: string
let credentials: CredentialsFolder
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatehouse-start-'))
  const channel = await createPushChannel(installation)
  credentials = await credentialsFolder(channel.authority.certificate, channel.controller, channel.signing)
})
afterEach(async () => {
  await credentials.remove()
  await rm(folder, { recursive: true })
})

/** Nobody answers there. */
const kubeconfig = `
apiVersion: v1
kind: Config
current-context: nobody
clusters: [{ name: nobody, cluster: { server: 'https://127.0.0.1:9' } }]
contexts: [{ name: nobody, context: { cluster: nobody, user: nobody } }]
users: [{ name: nobody, user: { token: none } }]
`

describe('a controller with push credentials that it cannot use', () => {
  it.each([
    ['a file is missing', 'ENOENT', () => rm(join(credentials.path, 'tls.key'))],
    ['ca.crt is empty', 'UNUSABLE_CREDENTIALS', () => credentials.write('ca.crt', '')],
    ['signing.key is none', 'UNUSABLE_SIGNING_KEY', () => credentials.write('signing.key', 'none')],
  ])('ends with one sentence that says where to look: %s', async (_, code, spoil) => {
    await spoil()
    const kubeconfigPath = join(folder, 'kubeconfig')
    await writeFile(kubeconfigPath, kubeconfig)
    const { namespace, name } = installation
    const controller = startControllerProcess({
      kubeconfigPath,
      installation: `${namespace}/${name}`,
      pushDirectory: credentials.path,
    })
    expect(await controller.ended).toBe(78)
    const start = `${credentials.path} holds no usable push credentials (${code}); `
    expect(controller.errors()).toContain(start)
    expect(controller.errors()).toContain(`Secret ${namespace}/${name}-push-controller `)
    expect(controller.errors().split('\n')).toHaveLength(2)
  })
})
