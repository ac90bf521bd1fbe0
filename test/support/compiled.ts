import { parseAllDocuments } from 'yaml'
import type { Json } from '@gatehouse/contract'
import { compile } from '../../controller/src/compile/compile.ts'
import type { Compilation } from '../../controller/src/compile/verdict.ts'
import { worldOf, type Ages } from '../../controller/src/compile/worldOf.ts'

export interface CompiledOptions {
  /** How old objects are. Default: all equally. */
  readonly ages?: Ages
  /** The Gatehouse object among the documents. Default: `gatehouse-system/edge`. */
  readonly installation?: { readonly namespace: string; readonly name: string }
  /** Where Services really are, by `namespace/service` or `namespace/service:port`. */
  readonly upstreams?: { readonly [service: string]: { readonly address: string; readonly port: number } }
}

/**
 * What the compiler makes of YAML documents as the API server would store them. Listeners take free ports of 127.0.0.1.
 */
export function compiled(yaml: string, options: CompiledOptions = {}): Compilation {
  const documents = parseAllDocuments(yaml).map((document) => document.toJS() as Json)
  const anyPort = { address: '127.0.0.1', port: 0 }
  return compile(
    worldOf(documents, options.ages ?? 'Equal'),
    options.installation ?? { namespace: 'gatehouse-system', name: 'edge' },
    {
      address: '127.0.0.1',
      listen: { HTTP: anyPort, HTTPS: anyPort },
      upstreams: new Map(Object.entries(options.upstreams ?? {})),
      deniedAddresses: [],
      folder: true,
    },
  )
}
