import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One request as the audit log of an API server has it. */
export interface AuditedRequest {
  readonly verb: string
  readonly user: { readonly username: string }
  /** Missing where no object was asked for, as with discovery. */
  readonly objectRef?: {
    readonly apiGroup?: string
    readonly resource: string
    readonly subresource?: string
    readonly namespace?: string
    readonly name?: string
  }
  readonly responseStatus: { readonly code: number }
  readonly requestReceivedTimestamp: string
}

/** Each request once, when it is answered; of bodies nothing. */
const policy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', verbs: ['watch'], omitStages: ['ResponseComplete'] }, { level: 'Metadata' }],
}

/** What an audit log needs in the folder of an API server. */
export const auditFiles = { 'audit.json': JSON.stringify(policy) } as const

/** What makes an API server write one. */
export const auditArguments = (folder: string): readonly string[] => [
  `--audit-policy-file=${join(folder, 'audit.json')}`,
  `--audit-log-path=${join(folder, 'audit.log')}`,
]

/** @throws the file system's error when there is no audit log */
export async function auditedIn(folder: string): Promise<readonly AuditedRequest[]> {
  const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AuditedRequest)
}
