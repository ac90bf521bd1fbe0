import { ruleCases, structureCases, type Case } from './case.ts'
import { deny, inNamespace, ruled, target } from './policy-parts.ts'

const installation = { ...target, kind: 'Gatehouse', name: 'edge' }
const on = (...targetRefs: readonly object[]) => ({ ...ruled(deny), targetRefs })

export const targetCases: readonly Case[] = [
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.targetRefs[]',
      message: 'the group of a Namespace is "", that of the other kinds gatehouse.dev',
    },
    {
      accepted: { 'a target of each kind': on(target, inNamespace, installation) },
      refused: {
        'a Namespace of our group': on({ ...inNamespace, group: 'gatehouse.dev' }),
        'a Gatehouse of the core group': on({ ...installation, group: '' }),
      },
    },
  ),
  ...ruleCases(
    'AccessPolicy',
    {
      at: 'spec.targetRefs[]',
      message: 'sectionName names a rule of a GatewayRoute; the other kinds have none',
    },
    {
      accepted: { 'one rule': on({ ...target, sectionName: 'orders' }) },
      refused: {
        'a part of a Namespace': on({ ...inNamespace, sectionName: 'orders' }),
        'a listener of a Gatehouse': on({ ...installation, sectionName: 'https' }),
      },
    },
  ),
  ...structureCases('AccessPolicy', {
    accepted: {},
    refused: {
      'a Namespace without group': on({ kind: 'Namespace', name: 'shop' }),
      'a Gatehouse of another namespace': on({ ...installation, namespace: 'gatehouse-system' }),
      'all Namespaces': on({ ...inNamespace, name: '*' }),
    },
  }),
]
