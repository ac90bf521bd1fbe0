import { contentOf, emptyFolder, type FolderContent } from './content.ts'

/** A folder that holds these documents in one file, `a.yaml`. */
export const folderWith = (...texts: readonly string[]): FolderContent =>
  contentOf({ texts: new Map([['a.yaml', texts.join('')]]), unreadable: new Map(), passedOver: [] }, emptyFolder)

/** A route without backends. */
export const respondingRoute = `apiVersion: gatehouse.dev/v1alpha1
kind: GatewayRoute
metadata: {name: orders, namespace: shop}
spec: {hostnames: [api.example], rules: [{name: orders, respond: {statusCode: 204}}]}
---
`
