import { commonFields, type FieldTable, type LineOf } from './fields.ts'

/** What the process reports about itself: the one list of events and their text. */
export const operationalEvents = {
  started: { level: 'info', message: 'The data plane has started.' },
  'admin-listening': { level: 'info', message: 'The admin server takes connections.' },
  listening: { level: 'info', message: 'A listener takes connections.' },
  'push-connected': { level: 'info', message: 'Connected to the controller.' },
  'push-disconnected': { level: 'warn', message: 'Not connected to the controller; dialling again.' },
  'credentials-failed': {
    level: 'warn',
    message:
      'The files in GATEHOUSE_PUSH_DIRECTORY, or the token in GATEHOUSE_PUSH_TOKEN, cannot be used, so no controller is dialled; looking again.',
  },
  'push-not-leader': { level: 'info', message: 'This controller does not lead; dialling the next.' },
  'config-restored': {
    level: 'warn',
    message: 'The last good configuration serves from its file until a controller answers.',
  },
  'config-partly-restored': {
    level: 'warn',
    message:
      'The last good configuration serves without its secrets; not ready, and TLS listeners that need them are closed, until a controller answers.',
  },
  'config-expired': {
    level: 'error',
    message: 'Nothing serves: the configuration is older than lastGood.maxAge, and no controller has confirmed it.',
  },
  'last-good-refused': { level: 'error', message: 'The last good configuration, or a part of it, was not taken.' },
  'last-good-failed': { level: 'error', message: 'The last good configuration could not be kept.' },
  'config-applied': { level: 'info', message: 'A new configuration serves.' },
  'config-nacked': { level: 'error', message: 'A configuration was not taken; the one before still serves.' },
  'resource-refused': { level: 'error', message: 'A resource could not be built; what needs it is refused.' },
  'endpoint-unhealthy': { level: 'warn', message: 'Probes of an endpoint fail; it gets no requests.' },
  'endpoint-healthy': { level: 'info', message: 'Probes of an endpoint succeed again; it gets requests.' },
  'endpoint-ejected': { level: 'warn', message: 'Requests to an endpoint failed; it gets none for a while.' },
  'endpoint-returned': { level: 'info', message: 'An endpoint that was ejected gets requests again.' },
  'breaker-opened': { level: 'warn', message: 'A backend fails; its rule gives it time to recover.' },
  'breaker-closed': { level: 'info', message: 'A backend that failed answers again.' },
  'store-up': { level: 'info', message: 'The store of shared quotas takes what is counted.' },
  'store-down': {
    level: 'warn',
    message: 'The store of shared quotas does not take what is counted; each quota does what its onStoreFailure says.',
  },
  'spike-started': {
    level: 'warn',
    message: 'There are far more requests of a key than usual: so many in one minute.',
  },
  'spike-ended': {
    level: 'info',
    message: 'There are no more requests of a key than usual again; in the busiest minute there were so many.',
  },
  overloaded: { level: 'warn', message: 'New requests are refused: so many percent of the memory are in use.' },
  relieved: { level: 'info', message: 'New requests are let in again: so many percent of the memory are in use.' },
  draining: { level: 'info', message: 'No new connections are wanted; open requests finish.' },
  stopped: { level: 'info', message: 'The data plane has stopped.' },
  failed: { level: 'error', message: 'The data plane cannot go on.' },
} as const

export type OperationalEvent = keyof typeof operationalEvents

/** The operational log: what the process does and what goes wrong with it. */
export const operationalFields = {
  ...commonFields,
  level: { type: 'string', nullable: false, values: ['info', 'warn', 'error'], meaning: 'How urgent it is.' },
  event: { type: 'string', nullable: false, values: Object.keys(operationalEvents), meaning: 'What happened.' },
  message: { type: 'string', nullable: false, meaning: 'The same in a sentence.' },
  code: { type: 'string', nullable: true, meaning: 'Reason or error code.' },
  revision: { type: 'string', nullable: true, meaning: 'Revision of the configuration concerned.' },
  resource: { type: 'string', nullable: true, meaning: '`kind/name` of the resource concerned.' },
  field: { type: 'string', nullable: true, meaning: 'JSON pointer to the field concerned.' },
  rule: { type: 'string', nullable: true, meaning: 'Name of the rule of the route concerned.' },
  upstream: { type: 'string', nullable: true, meaning: 'Name of the upstream concerned, as metrics have it.' },
  address: { type: 'string', nullable: true, meaning: '`host:port` concerned.' },
  key: {
    type: 'string',
    nullable: true,
    meaning: 'JSON of the parts of the key concerned; a part that is null is lacking.',
  },
  count: { type: 'integer', nullable: true, meaning: 'How many.' },
  stack: { type: 'string', nullable: true, meaning: 'Where in the code a failure came from, without its text.' },
} as const satisfies FieldTable

/** What an event may say beside its name. */
export type EventDetail = Partial<
  Pick<
    LineOf<typeof operationalFields>,
    'code' | 'revision' | 'resource' | 'field' | 'rule' | 'upstream' | 'address' | 'key' | 'count' | 'stack'
  >
>
