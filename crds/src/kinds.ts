import { accessPolicySpec } from './access-policy.ts'
import { ageColumn, conditionColumn, type KindDefinition } from './define.ts'
import { gatehouseSpec } from './gatehouse.ts'
import { gatewayRouteSpec } from './gateway-route.ts'
import { accessPolicyStatus, gatehouseStatus, gatewayRouteStatus } from './status.ts'
import type { GatehouseKind } from './parse.ts'

const accepted = conditionColumn('Accepted', 'Whether the object is sound and attached.')
const programmed = conditionColumn('Programmed', 'Whether every data plane serves it.')

/** Names, columns and schemas of each kind: all that a client or a CRD needs to know. */
export const kinds = {
  Gatehouse: {
    kind: 'Gatehouse',
    plural: 'gatehouses',
    singular: 'gatehouse',
    shortNames: [],
    columns: [accepted, programmed, ageColumn],
    description: 'Gatehouse is one installation of the gateway: its listeners and its bounds.',
    spec: gatehouseSpec,
    merges: false,
    status: gatehouseStatus,
  },
  GatewayRoute: {
    kind: 'GatewayRoute',
    plural: 'gatewayroutes',
    singular: 'gatewayroute',
    shortNames: ['gwr'],
    columns: [
      { name: 'Hostnames', type: 'string', jsonPath: '.spec.hostnames', description: 'The hosts it is for.' },
      accepted,
      conditionColumn('Protected', 'Whether a policy decides over every rule.'),
      programmed,
      ageColumn,
    ],
    description: 'GatewayRoute says where a request goes. Without an AccessPolicy all its requests are refused.',
    spec: gatewayRouteSpec,
    merges: false,
    status: gatewayRouteStatus,
  },
  AccessPolicy: {
    kind: 'AccessPolicy',
    plural: 'accesspolicies',
    singular: 'accesspolicy',
    shortNames: ['acp'],
    columns: [
      { name: 'Mode', type: 'string', jsonPath: '.spec.mode', description: 'Whether it decides or is only tried.' },
      { name: 'Targets', type: 'integer', jsonPath: '.status.targetCount', description: 'How many targets it names.' },
      accepted,
      programmed,
      ageColumn,
    ],
    description: 'AccessPolicy says who may do what, and how much.',
    spec: accessPolicySpec,
    merges: true,
    status: accessPolicyStatus,
  },
} as const satisfies Record<GatehouseKind, KindDefinition>
