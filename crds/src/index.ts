export { accessPolicySpec, type AccessPolicySpec, type AccessPolicySpecInput } from './access-policy.ts'
export { bundleVersion, bundleVersionAnnotation, group, version } from './common.ts'
export { withDefaults, type Json } from './defaults.ts'
export { customResourceDefinition, objectSchema, type CrdSchema, type KindDefinition } from './define.ts'
export { gatehouseSpec, type GatehouseSpec, type GatehouseSpecInput } from './gatehouse.ts'
export { gatewayRouteSpec, type GatewayRouteSpec, type GatewayRouteSpecInput } from './gateway-route.ts'
export { kinds } from './kinds.ts'
export { defaultPanicThreshold } from './load-balancing.ts'
export { mergeKinds, type MergeKind } from './merge.ts'
export { isRange } from './range.ts'
export { addressRange } from './subject-alt-name.ts'
export { defaultTimeouts } from './timeouts.ts'
export { parseSpec, type GatehouseKind, type ParsedSpec, type SpecIssue, type Specs } from './parse.ts'
export {
  accessPolicyStatus,
  fleetBounds,
  gatehouseStatus,
  gatewayRouteStatus,
  type AccessPolicyStatus,
  type Condition,
  type GatehouseStatus,
  type GatewayRouteStatus,
} from './status.ts'
