import type { HostPort, InstallationRef } from '@gatehouse/controller'
import type { Json } from '@gatehouse/crds'

/** dev → its controller, first: what to serve. */
export interface StartMessage {
  readonly type: 'start'
  readonly installation: InstallationRef
  /** Folder of the controller's push certificate. */
  readonly pushDirectory: string
  readonly compile: {
    readonly address: string
    readonly listen: { readonly HTTP: HostPort | null; readonly HTTPS: HostPort | null }
    readonly upstreams: readonly (readonly [string, HostPort])[]
  }
  readonly documents: readonly Json[]
}

/** dev → its controller: the whole folder, each time it changed. */
export interface DocumentsMessage {
  readonly type: 'documents'
  readonly documents: readonly Json[]
}

/** The controller → dev, once: where data planes dial it. */
export interface ListeningMessage {
  readonly type: 'listening'
  readonly port: number
  /** Where backends fetch the key set. */
  readonly keySetPort: number
}
