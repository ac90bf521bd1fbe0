import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of YAML that a test writes. */
export interface Manifests {
  readonly folder: string
  write(file: string, text: string): Promise<void>
  remove(file: string): Promise<void>
  close(): Promise<void>
}

export async function manifests(files: Readonly<Record<string, string>>): Promise<Manifests> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-folder-'))
  const write = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text)
  for (const [file, text] of Object.entries(files)) await write(file, text)
  return {
    folder,
    write,
    remove: (file) => rm(join(folder, file)),
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

export const route = `apiVersion: gatehouse.dev/v1alpha1
kind: GatewayRoute
metadata: {name: orders, namespace: shop}
spec:
  hostnames: [api.shop.example]
  rules:
  - {name: orders, backendRefs: [{name: orders, port: 80}]}
`

/** Everybody may do what `methods` says. */
export const publicPolicy = (methods: string): string => `apiVersion: gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: {name: orders, namespace: shop}
spec:
  targetRefs: [{group: gatehouse.dev, kind: GatewayRoute, name: orders}]
  authentication: {anyOf: [{name: public, anonymous: {}}]}
  authorization: {rules: [{name: everyone, action: Allow, methods: [${methods}], principal: [{attribute: Anyone}]}]}
`

/** Nobody may delete, whatever else is allowed. */
export const noDeletes = `apiVersion: gatehouse.dev/v1alpha1
kind: AccessPolicy
metadata: {name: no-deletes, namespace: shop}
spec:
  targetRefs: [{group: gatehouse.dev, kind: GatewayRoute, name: orders}]
  authorization: {rules: [{name: no-deletes, action: Deny, methods: [DELETE]}]}
`
