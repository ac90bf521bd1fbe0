import { partialReasons } from './partialReasons.ts'
import type { ReasonRow } from './reasonRow.ts'
import { referenceReasons } from './referenceReasons.ts'

export { conditionTypes, type ConditionStatus, type ConditionType, type ReasonRow } from './reasonRow.ts'

/**
 * Every reason that a condition may have (M19). Where several apply to one condition the first of this table gives the
 * reason, so the order is by what must be mended first.
 */
export const reasons = {
  Invalid: { under: { Accepted: 'False' }, message: 'The object does not fit its schema', event: true },
  ParentRequired: {
    under: { Accepted: 'False' },
    message: 'There is more than one Gatehouse; name one in parentRefs',
    event: true,
  },
  NoMatchingParent: {
    under: { Accepted: 'False' },
    message: 'No such Gatehouse or listener, or no listener is marked default',
    event: true,
  },
  NotAllowedByListeners: {
    under: { Accepted: 'False' },
    message: 'allowedRoutes of the listener does not admit this namespace',
    event: true,
  },
  NoMatchingListenerHostname: {
    under: { Accepted: 'False' },
    message: 'No hostname fits the hostname of the listener',
    event: true,
  },
  HostNotAllowed: {
    under: { Accepted: 'False', PartiallyInvalid: 'True' },
    message: 'The Gatehouse does not bind this host to this namespace, so it is not served',
    event: true,
  },
  ListenerNotReady: {
    under: { Accepted: 'False', Programmed: 'False' },
    message: 'The listener is closed; the conditions of the Gatehouse say why',
    event: true,
  },
  TargetNotFound: { under: { Accepted: 'False' }, message: 'The target does not exist', event: true },
  TargetNotAllowed: {
    under: { Accepted: 'False' },
    message:
      'A policy may target a Namespace only from within it or from the namespace of the Gatehouse, and a Gatehouse only from its own namespace',
    event: true,
  },
  UnknownSectionName: {
    under: { Accepted: 'False' },
    message: 'The target has no rule of this name, so the whole of it is refused',
    event: true,
  },
  TargetNotServed: {
    under: { Accepted: 'False' },
    message: 'The target is not served; its own status says why',
    event: false,
  },
  ProviderNotFound: {
    under: { Accepted: 'False' },
    message: 'No wider policy in force has a provider of this name, so rules with these providers in force are refused',
    event: true,
  },
  ProviderNameTaken: {
    under: { Accepted: 'False' },
    message: 'A wider policy has a provider of this name, so rules with these providers in force are refused',
    event: true,
  },
  PlaintextCredentials: {
    under: { Accepted: 'False' },
    message: 'These rules ask for a credential, and a listener without TLS refuses that; use HTTPS',
    event: true,
  },
  BudgetExceeded: {
    under: { Accepted: 'False', ResolvedRefs: 'False', PartiallyInvalid: 'True' },
    message:
      'There are no bytes left: bounds.perNamespace of the Gatehouse, or all namespaces together; older objects come first, and this is refused',
    event: true,
  },
  LimitBelowDataPlanes: {
    under: { Accepted: 'False' },
    message:
      'A limit that data planes divide is below their number; each goes on with a share of one, which together is more',
    event: true,
  },
  NotAccepted: {
    under: { ResolvedRefs: 'Unknown', Protected: 'Unknown', Programmed: 'False' },
    message: 'Not accepted',
    event: false,
  },
  ...referenceReasons,
  NotInFolder: {
    under: { Accepted: 'Unknown', ResolvedRefs: 'Unknown' },
    message: 'The referenced object is not in the folder, or is refused there; only a cluster knows it',
    event: false,
  },
  NoPolicy: {
    under: { Protected: 'False' },
    message: 'No policy in force sets authentication and Allow rules, so every request is answered 403',
    event: true,
  },
  PolicyInvalid: {
    under: { Protected: 'False' },
    message: 'A policy for these rules is invalid or does not fit, so every request is answered 500',
    event: true,
  },
  TooManySharedRates: {
    under: { Protected: 'False' },
    message:
      'The Shared quotas of all policies for these rules have more than 128 rates together, so every request is answered 500; take some away, or give quotas another scope',
    event: true,
  },
  ...partialReasons,
  Conflicted: {
    under: { Conflicted: 'True' },
    message: 'Another policy of the same target sets this and wins',
    event: true,
  },
  BeyondBounds: {
    under: { Overridden: 'True' },
    message: 'This sets more than the bounds of a wider policy let it, so it has no effect',
    event: true,
  },
  AboveBound: {
    under: { Overridden: 'True' },
    message: 'bounds.maxTimeout of the Gatehouse is shorter and is used instead',
    event: false,
  },
  RetriesAboveBound: {
    under: { Overridden: 'True' },
    message: 'bounds.maxRetries of the Gatehouse is smaller and is used instead',
    event: false,
  },
  SizeAboveBound: {
    under: { Overridden: 'True' },
    message: 'bounds.maxBodySize of the Gatehouse is smaller and is used instead',
    event: false,
  },
  InClusterCIDRs: {
    under: { AddressesUnknown: 'True' },
    message:
      'The listener believes no proxy, so clients with an address in its clusterCIDRs are unknown: no range holds them, deny lists with addresses refuse them, limits by address count them as one, and the throttle does not count them',
    event: true,
  },
  BackendFailing: {
    under: { CircuitOpen: 'True' },
    message: 'A circuit breaker is open at a data plane, which answers 503 until the backend has recovered',
    event: false,
  },
  StoreFailing: {
    under: { QuotaStoreUnavailable: 'True' },
    message:
      'Data planes cannot count in the quotaStore: shared quotas do what their onStoreFailure says, and tokens that count once for all are refused',
    event: true,
  },
  RefusedByDataPlane: {
    under: { Programmed: 'False' },
    message: 'A data plane refused it',
    event: true,
  },
  NoDataPlanes: { under: { Programmed: 'False' }, message: 'No data plane is ready', event: false },
  Reconciling: {
    under: { Programmed: 'False' },
    message: 'Not every data plane serves it yet',
    event: false,
  },
  Accepted: { under: { Accepted: 'True' }, message: 'Accepted', event: false },
  ResolvedRefs: { under: { ResolvedRefs: 'True' }, message: 'All references are resolved', event: false },
  Protected: { under: { Protected: 'True' }, message: 'Policies decide over every rule', event: false },
  Programmed: { under: { Programmed: 'True' }, message: 'Every ready data plane serves it', event: false },
} as const satisfies { readonly [name: string]: ReasonRow }

export type ConditionReason = keyof typeof reasons

const order: ReadonlyMap<string, number> = new Map(Object.keys(reasons).map((name, index) => [name, index]))

/** The place of a reason in the table: the smaller speaks for the condition. */
export const rankOf = (reason: ConditionReason): number => order.get(reason) ?? order.size

/** The row of a reason, without the narrow types of the table. */
export const rowOf = (reason: ConditionReason): ReasonRow => reasons[reason]
