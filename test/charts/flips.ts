/** Another value than the default, and other values beside which it means something. */
export interface Flip {
  readonly to: unknown
  readonly beside?: Readonly<Record<string, unknown>>
}

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

/** What both components have, below its name. */
const component = (name: string): Readonly<Record<string, Flip>> =>
  Object.fromEntries(
    Object.entries({
      replicas: { to: 5 },
      'image.repository': { to: 'registry.example/other' },
      'image.tag': { to: '9.9.9' },
      'image.digest': { to: digest },
      'resources.requests.cpu': { to: '2' },
      'resources.requests.memory': { to: '1Gi' },
      'resources.limits.memory': { to: '2Gi' },
      'podDisruptionBudget.enabled': { to: false },
      'podDisruptionBudget.maxUnavailable': { to: '50%' },
      'topologySpread.topologyKeys': { to: ['example.com/rack'] },
      'topologySpread.whenUnsatisfiable': { to: 'DoNotSchedule' },
      priorityClassName: { to: 'high' },
      nodeSelector: { to: { edge: 'true' } },
      tolerations: { to: [{ operator: 'Exists' }] },
      affinity: { to: { podAntiAffinity: {} } },
      podLabels: { to: { a: 'b' } },
      podAnnotations: { to: { a: 'b' } },
    }).map(([path, flip]) => [`${name}.${path}`, flip]),
  )

const autoscaled = { dataplane: { autoscaling: { enabled: true } } }
const balanced = { service: { type: 'LoadBalancer' } }
const redisImage = { repository: 'registry.example/redis', tag: '7.0.15' }
const counted = { redis: { enabled: true, image: redisImage } }
const monitored = { serviceMonitor: { enabled: true } }

/** For each value of the chart another one that must show. */
export const flips: Readonly<Record<string, Flip>> = {
  gatehouse: { to: { tenancy: 'Single' } },
  watchNamespaces: { to: ['shop'] },
  watchAllNamespaces: { to: true },
  pushCertificates: { to: 'CertManager' },
  'certManager.issuerRef': { to: { name: 'internal' }, beside: { pushCertificates: 'CertManager' } },
  imagePullPolicy: { to: 'Always' },
  imagePullSecrets: { to: [{ name: 'registry' }] },
  commonLabels: { to: { a: 'b' } },
  ...component('controller'),
  'controller.terminationGracePeriodSeconds': { to: 31 },
  ...component('dataplane'),
  'dataplane.autoscaling.enabled': { to: true },
  'dataplane.autoscaling.minReplicas': { to: 3, beside: autoscaled },
  'dataplane.autoscaling.maxReplicas': { to: 11, beside: autoscaled },
  'dataplane.autoscaling.targetCPUUtilizationPercentage': { to: 50, beside: autoscaled },
  'dataplane.zone': { to: 'eu-west-1a' },
  'dataplane.overloadPercent': { to: 80 },
  'dataplane.drain.preStopSeconds': { to: 6 },
  'dataplane.drain.delaySeconds': { to: 0 },
  'dataplane.drain.deadlineSeconds': { to: 31 },
  'dataplane.lastGood.sizeLimit': { to: '1Mi' },
  'dataplane.logs.security': { to: false },
  'dataplane.logs.audit': { to: false },
  'dataplane.metrics.perRoute': { to: true },
  'dataplane.adminPort': { to: 9190 },
  'redis.enabled': { to: true, beside: { redis: { image: redisImage } } },
  'redis.image.repository': { to: 'registry.example/valkey', beside: counted },
  'redis.image.tag': { to: '8.1', beside: counted },
  'redis.image.digest': { to: digest, beside: counted },
  'redis.memory': { to: 256, beside: counted },
  'redis.cpu': { to: 1, beside: counted },
  'redis.priorityClassName': { to: 'high', beside: counted },
  'redis.nodeSelector': { to: { edge: 'true' }, beside: counted },
  'redis.tolerations': { to: [{ operator: 'Exists' }], beside: counted },
  'redis.affinity': { to: { podAntiAffinity: {} }, beside: counted },
  'redis.podLabels': { to: { a: 'b' }, beside: counted },
  'redis.podAnnotations': { to: { a: 'b' }, beside: counted },
  'service.type': { to: 'NodePort' },
  'service.externalTrafficPolicy': { to: 'Cluster', beside: balanced },
  'service.ports': { to: { '8080': { port: 80 } } },
  'service.annotations': { to: { a: 'b' } },
  'service.loadBalancerClass': { to: 'example.com/nlb', beside: balanced },
  'service.loadBalancerSourceRanges': { to: ['198.51.100.0/24'], beside: balanced },
  'networkPolicy.enabled': { to: false },
  'networkPolicy.clients': { to: [{ podSelector: {} }] },
  'networkPolicy.metricsReaders': { to: [] },
  'networkPolicy.backends': { to: [] },
  'networkPolicy.dns': { to: [{ podSelector: {} }] },
  'networkPolicy.apiServer.cidrs': { to: ['192.0.2.1/32'] },
  'networkPolicy.apiServer.ports': { to: [6443] },
  'serviceMonitor.enabled': { to: true },
  'serviceMonitor.interval': { to: '1m', beside: monitored },
  'serviceMonitor.labels': { to: { a: 'b' }, beside: monitored },
  'roles.create': { to: false },
  'roles.aggregate': { to: true },
}
